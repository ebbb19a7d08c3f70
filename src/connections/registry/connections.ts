// The connections of a project: those that its configuration declares, and those that somebody registered. Each is opened when it
// is asked for the first time, and anew when its registration has changed.
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { SecretSeal } from "../auth/seal.ts";
import { type ConnectionServices, HttpConnection } from "../http-connection.ts";
import { resolveSecrets, type SecretSources } from "./resolve-secrets.ts";

/** What this folder needs of the store. */
export interface RegisteredConnections {
  findConnection(name: string): Promise<{ readonly version: number; readonly sealed: string } | undefined>;
}

export interface ConnectionsOptions {
  readonly declared: Readonly<Record<string, ConnectionOptions>>;
  readonly registered: RegisteredConnections;
  readonly secrets: SecretSources;
  readonly services: Omit<ConnectionServices, "onSecret">;
}

interface Open {
  readonly connection: HttpConnection;
  /** 0 of a declared one. */
  readonly version: number;
}

/** Closing it closes all that were opened. */
export class Connections implements AsyncDisposable {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<string, Open>();
  /** Requests may be under way through what was replaced. */
  readonly #replaced: HttpConnection[] = [];

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** @throws MillraceError `CONNECTION_UNKNOWN`, `SECRET_MISSING`, `SECRET_UNREADABLE`, `CONFIG_INVALID` */
  async get(name: string): Promise<HttpConnection> {
    const { declared, registered, services } = this.#options;
    const options = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (options !== undefined) return this.#openOnce(name, 0, () => options);
    const found = await registered.findConnection(name);
    if (found === undefined) throw unknownConnection(name, Object.keys(declared));
    return this.#openOnce(name, found.version, () => openRegistered(name, found.sealed, services.seal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#open.values()].map(({ connection }) => connection);
    await Promise.all([...open, ...this.#replaced].map((connection) => connection[Symbol.asyncDispose]()));
    this.#open.clear();
  }

  #openOnce(name: string, version: number, read: () => ConnectionOptions): HttpConnection {
    const open = this.#open.get(name);
    if (open?.version === version) return open.connection;
    const { secrets, services } = this.#options;
    const resolved = resolveSecrets(read().http, `connection \`${name}\``, secrets);
    const connection = new HttpConnection(name, resolved, { ...services, onSecret: secrets.onSecret });
    this.#open.set(name, { connection, version });
    if (open !== undefined) this.#replaced.push(open.connection);
    return connection;
  }
}

/** What is under the seal of a registered connection. */
export function sealRegistered(name: string, options: ConnectionOptions, seal: SecretSeal): string {
  return seal.seal(JSON.stringify(options), `connection:${name}`);
}

// It was checked when it was registered, and the seal shows that it is what was registered.
export function openRegistered(name: string, sealed: string, seal: SecretSeal): ConnectionOptions {
  return JSON.parse(seal.open(sealed, `connection:${name}`)) as ConnectionOptions;
}

function unknownConnection(name: string, known: readonly string[]): MillraceError {
  return new MillraceError("CONNECTION_UNKNOWN", `no connection is declared as \`${name}\`${suggest(name, known)}`, {
    hint:
      known.length === 0
        ? "declare it under `connections` of millrace.config.ts, or register it with `millrace connections add`"
        : `declared under \`connections\`: ${known.join(", ")}; \`millrace connections\` lists the registered ones`,
  });
}
