// The loopback server: /repos/… is the REST API, /_control/… is for tests.
import { createServer } from "node:http";

import { answer } from "./api.mjs";
import { control } from "./control.mjs";

export function listen(forge) {
  const server = createServer((request, response) => {
    serve(forge, request, response).catch((error) => send(response, 500, { message: error.stack }));
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function serve(forge, request, response) {
  const url = new URL(request.url, "http://127.0.0.1");
  const text = await readBody(request);
  if (url.pathname.startsWith("/_control/")) {
    await serveControl(forge, url.pathname.slice("/_control/".length), text, response);
    return;
  }
  if (url.pathname === "/rate_limit") {
    await serveLimits(forge.findByToken(readToken(request)), request.method, response);
    return;
  }
  const found = /^\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(url.pathname);
  const repository = found === null ? undefined : forge.find(found[1]);
  if (repository === undefined) {
    send(response, 404, { message: "Not Found" });
    return;
  }
  await serveApi(forge, repository, { request, url, text, path: found[2] ?? "" }, response);
}

async function serveControl(forge, verb, text, response) {
  try {
    send(response, 200, await control(forge, verb, text === "" ? {} : JSON.parse(text)));
  } catch (error) {
    send(response, 400, { message: error.message });
  }
}

// The one request that names no repository: it fails with the API of the repository whose job asks.
async function serveLimits(asking, method, response) {
  const failure = asking === undefined ? null : takeFailure(asking, method, "/rate_limit");
  if (failure !== null) return void (await fail(asking, failure, response));
  if (asking !== undefined) response.setHeader("Date", asking.clock.now().toUTCString());
  send(response, 200, { resources: {} });
}

// Returns the answer's status, null where there was none.
async function fail(repository, failure, response) {
  if (failure.mode === "hang") {
    const lifted = () => !repository.apiFailures.includes(failure) || response.destroyed;
    while (!lifted()) await repository.until(lifted, 1);
  }
  if (failure.mode === "hang" || failure.mode === "drop") {
    response.destroy();
    return null;
  }
  const { status, body } = brokenAnswer(failure);
  response.setHeader("Date", repository.clock.now().toUTCString());
  send(response, status, body);
  return status;
}

async function serveApi(forge, repository, { request, url, text, path }, response) {
  const token = readToken(request);
  const holder = repository.tokens.get(token);
  const entry = {
    at: repository.clock.iso(),
    method: request.method,
    path: path + url.search,
    body: text === "" ? null : text,
    run: holder?.job?.attempt.run.id ?? null,
    job: holder?.job?.key ?? null,
    status: null,
  };
  repository.apiLog.push(entry);
  const failure = takeFailure(repository, request.method, path);
  if (failure !== null) {
    entry.status = await fail(repository, failure, response);
    return;
  }
  const result = await handle(forge, repository, { request, url, text, path, token });
  entry.status = result.status;
  response.setHeader("Date", repository.clock.now().toUTCString());
  send(response, result.status, result.body);
}

function readToken(request) {
  return /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
}

function brokenAnswer(failure) {
  return {
    status: failure.status ?? 503,
    body: { message: "No server is currently available to service your request." },
  };
}

async function handle(forge, repository, { request, url, text, path, token }) {
  let body = {};
  try {
    if (text !== "") body = JSON.parse(text);
  } catch {
    return { status: 400, body: { message: "Problems parsing JSON" } };
  }
  return answer({
    repository,
    urls: forge.urls,
    method: request.method,
    path,
    query: url.searchParams,
    body,
    token,
  });
}

// failure: {path (a regular expression), method?, mode: "status" | "hang" | "drop", status?, times (0: always)}
function takeFailure(repository, method, path) {
  const failure = repository.apiFailures.find(
    (one) =>
      new RegExp(one.path).test(path) &&
      (one.method === undefined || one.method === method) &&
      one.times !== -1,
  );
  if (failure === undefined) return null;
  if (failure.times > 0) failure.times = failure.times === 1 ? -1 : failure.times - 1;
  return failure;
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function send(response, status, body) {
  response.statusCode = status;
  if (body === null || status === 204) {
    response.end();
    return;
  }
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.end(JSON.stringify(body));
}
