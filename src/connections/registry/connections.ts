// The connections of a project: those that its configuration declares, and those that somebody registered. One to a service is opened
// when it is asked for the first time, and anew when its registration has changed; a database is only told where it is.
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { DatabaseAddress } from "../database/database-address.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { SecretSeal } from "../auth/seal.ts";
import type { FileService } from "../files/file-service.ts";
import { otherBucket } from "../files/find-file-service.ts";
import { type ConnectionServices, HttpConnection } from "../http-connection.ts";
import { type OpenConnection, openConnection } from "./open-connection.ts";
import { resolveDatabase } from "./resolve-database.ts";
import type { SecretSources } from "./resolve-secrets.ts";

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

interface Found {
  /** 0 of a declared one. */
  readonly version: number;
  readonly read: () => ConnectionOptions;
}

interface Open {
  readonly connection: Promise<OpenConnection>;
  /** 0 of a declared one. */
  readonly version: number;
}

/** Closing it closes all that were opened. */
export class Connections implements AsyncDisposable {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<string, Open>();
  /** Requests may be under way through what was replaced. */
  readonly #replaced: Promise<OpenConnection>[] = [];

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /**
   * A service that is asked by HTTP.
   * @throws MillraceError `CONNECTION_UNKNOWN`, `SECRET_MISSING`, `SECRET_UNREADABLE`, `CONFIG_INVALID`
   */
  async get(name: string): Promise<HttpConnection> {
    const found = await this.find(name);
    if (found instanceof HttpConnection) return found;
    throw unsuitable(name, "a service that is asked by HTTP", found.kind);
  }

  /** A place of files. @throws MillraceError as `get` */
  async files(name: string): Promise<FileService> {
    const found = await this.find(name);
    if (!(found instanceof HttpConnection)) return found;
    throw unsuitable(name, "a place of files: `s3`, `sftp` or `webhdfs`", "http");
  }

  /** A service or a place of files. @throws MillraceError as `get` */
  async find(name: string): Promise<OpenConnection> {
    const { version, read } = await this.#find(name);
    const open = this.#open.get(name);
    if (open?.version === version) return await open.connection;
    return await this.#openService(name, version, read());
  }

  /** Where a database is, with all that its driver needs. @throws MillraceError as `get` */
  async database(name: string): Promise<DatabaseAddress> {
    const { read } = await this.#find(name);
    return await resolveDatabase(name, read(), this.#options.secrets);
  }

  async #find(name: string): Promise<Found> {
    const [base = "", bucket] = name.split(otherBucket);
    if (bucket === undefined) return await this.#findNamed(name);
    const { version, read } = await this.#findNamed(base);
    return { version, read: () => toOtherBucket(read(), bucket) };
  }

  async #findNamed(name: string): Promise<Found> {
    const { declared, registered, services } = this.#options;
    const options = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (options !== undefined) return { version: 0, read: () => options };
    const found = await registered.findConnection(name);
    if (found === undefined) throw unknownConnection(name, Object.keys(declared));
    return { version: found.version, read: () => openRegistered(name, found.sealed, services.seal) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#open.values()].map(({ connection }) => connection);
    this.#open.clear();
    const opened = await Promise.allSettled([...open, ...this.#replaced]);
    await Promise.all(
      opened.map(async (end) => {
        if (end.status === "fulfilled") await end.value[Symbol.asyncDispose]();
      }),
    );
  }

  async #openService(name: string, version: number, options: ConnectionOptions): Promise<OpenConnection> {
    const open = this.#open.get(name);
    const { secrets, services } = this.#options;
    const given = services.tape?.isPlayback === true ? withoutCredentials(options) : options;
    const connection = openConnection(name, given, secrets, { ...services, onSecret: secrets.onSecret });
    this.#open.set(name, { connection, version });
    if (open !== undefined) this.#replaced.push(open.connection);
    // a secret that is missing now may be there the next time
    connection.catch(() => void this.#open.delete(name));
    return await connection;
  }
}

/** Recorded answers ask for no proof, and nothing of them may be kept as a token. */
function withoutCredentials(options: ConnectionOptions): ConnectionOptions {
  const { http } = options;
  if (http === undefined) return options;
  const { baseUrl, otherOrigins, secretParameters } = http;
  return {
    http: {
      baseUrl,
      ...(otherOrigins === undefined ? {} : { otherOrigins }),
      ...(secretParameters === undefined ? {} : { secretParameters }),
    },
  };
}

function toOtherBucket(options: ConnectionOptions, bucket: string): ConnectionOptions {
  return options.s3 === undefined ? options : { s3: { ...options.s3, bucket } };
}

/** What is under the seal of a registered connection. */
export function sealRegistered(name: string, options: ConnectionOptions, seal: SecretSeal): string {
  return seal.seal(JSON.stringify(options), `connection:${name}`);
}

// It was checked when it was registered, and the seal shows that it is what was registered.
export function openRegistered(name: string, sealed: string, seal: SecretSeal): ConnectionOptions {
  return JSON.parse(seal.open(sealed, `connection:${name}`)) as ConnectionOptions;
}

function unsuitable(name: string, wanted: string, got: string): MillraceError {
  return new MillraceError("CONFIG_INVALID", `expected connection \`${name}\` to be ${wanted}, got: \`${got}\``, {
    hint: "name another connection",
  });
}

function unknownConnection(name: string, known: readonly string[]): MillraceError {
  return new MillraceError("CONNECTION_UNKNOWN", `no connection is declared as \`${name}\`${suggest(name, known)}`, {
    hint:
      known.length === 0
        ? "declare it under `connections` of millrace.config.ts, or register it with `millrace connections add`"
        : `declared under \`connections\`: ${known.join(", ")}; \`millrace connections\` lists the registered ones`,
  });
}
