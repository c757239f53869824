// Loaded into a Node program before anything else: it gets no connection, and each one that it wants is written
// as a line "host:port" to the file that HEADGATE_CONNECTIONS names.
const { appendFileSync } = require("node:fs");
const { Socket } = require("node:net");

const connect = Socket.prototype.connect;

Socket.prototype.connect = function (...args) {
  // Node's own modules pass what they have normalized already: an array of the options and a callback.
  const target = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof target === "string" || target?.path) {
    return connect.apply(this, args);
  }
  const [host, port] = typeof target === "object" ? [target.host, target.port] : [args[1], target];
  appendFileSync(process.env.HEADGATE_CONNECTIONS, `${host ?? "localhost"}:${port}\n`);
  return this.destroy(new Error("there is no network"));
};
