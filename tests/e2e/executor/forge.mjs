// All repositories of the fake GitHub.
import { join } from "node:path";

export class Forge {
  #repositories = new Map();

  // origins: the folder of bare repositories, <owner>/<name>.git. workFolder: where jobs run. toolFolder: first in PATH.
  constructor({ origins, workFolder, toolFolder }) {
    this.origins = origins;
    this.urls = { api: null, server: `file://${origins}`, workFolder, toolFolder };
  }

  gitDir(fullName) {
    return join(this.origins, `${fullName}.git`);
  }

  add(repository) {
    this.#repositories.set(repository.fullName.toLowerCase(), repository);
  }

  find(fullName) {
    return this.#repositories.get(String(fullName).toLowerCase());
  }

  // The repository that gave a job this token, for requests that name no repository.
  findByToken(token) {
    return [...this.#repositories.values()].find((repository) => repository.tokens.has(token));
  }
}
