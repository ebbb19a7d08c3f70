// The connections of a project, each opened when it is asked for the first time.
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { type ConnectionServices, HttpConnection } from "../http-connection.ts";
import { resolveSecrets, type SecretSources } from "./resolve-secrets.ts";

export interface ConnectionsOptions {
  readonly declared: Readonly<Record<string, ConnectionOptions>>;
  readonly secrets: SecretSources;
  readonly services: Omit<ConnectionServices, "onSecret">;
}

/** Closing it closes all that were opened. */
export class Connections implements AsyncDisposable {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<string, HttpConnection>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** @throws MillraceError `CONNECTION_UNKNOWN`, `SECRET_MISSING`, `CONFIG_INVALID` */
  get(name: string): HttpConnection {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const { declared, secrets, services } = this.#options;
    const options = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (options === undefined) throw unknownConnection(name, Object.keys(declared));
    const resolved = resolveSecrets(options.http, `connection \`${name}\``, secrets);
    const connection = new HttpConnection(name, resolved, { ...services, onSecret: secrets.onSecret });
    this.#open.set(name, connection);
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((connection) => connection[Symbol.asyncDispose]()));
    this.#open.clear();
  }
}

function unknownConnection(name: string, known: readonly string[]): MillraceError {
  return new MillraceError("CONNECTION_UNKNOWN", `no connection is declared as \`${name}\`${suggest(name, known)}`, {
    hint:
      known.length === 0
        ? "declare it under `connections` of millrace.config.ts"
        : `declared under \`connections\`: ${known.join(", ")}`,
  });
}
