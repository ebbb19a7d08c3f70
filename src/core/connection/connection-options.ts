// A connection as a configuration declares it: the service, who asks, and how much of it may be asked for.
import type { Duration } from "../duration.ts";
import type {
  S3ConnectionOptions,
  SftpConnectionOptions,
  WebHdfsConnectionOptions,
} from "./file-connection-options.ts";
import type { HttpAuth } from "./http-auth.ts";
import type { Secret } from "./secret.ts";
import type { ConnectionLimits, ConnectionTimeouts, TlsOptions } from "./transport-options.ts";

/** Exactly one kind. */
export interface ConnectionOptions {
  readonly http?: HttpConnectionOptions;
  readonly s3?: S3ConnectionOptions;
  readonly sftp?: SftpConnectionOptions;
  readonly webhdfs?: WebHdfsConnectionOptions;
  readonly postgres?: DatabaseConnectionOptions;
  /** MySQL or MariaDB. */
  readonly mysql?: DatabaseConnectionOptions;
}

/** A database that sources and outputs of jobs name by its connection. */
export interface DatabaseConnectionOptions {
  /** Its address, also as JDBC has it; by reference, it may hold the password. */
  readonly url: Secret;
  /** Default: that of the address, if any. */
  readonly password?: Secret;
}

export interface HttpConnectionOptions {
  /** What relative addresses begin with. Credentials go to its origin only. */
  readonly baseUrl: string;
  readonly auth?: HttpAuth;
  /** Sent with each request to the own origin. */
  readonly headers?: Readonly<Record<string, Secret>>;
  readonly limits?: ConnectionLimits;
  readonly tls?: TlsOptions;
  /** Address of an HTTP proxy, which may hold user and password. */
  readonly proxy?: Secret;
  readonly timeouts?: ConnectionTimeouts;
  /** Answers to GET that are kept. Default: none. */
  readonly cache?: CacheOptions;
  /** Other origins that requests and redirects may go to, without credentials. */
  readonly otherOrigins?: readonly string[];
  /** Names of query parameters that are masked, beside those that are named like a secret. */
  readonly secretParameters?: readonly string[];
}

/** What is done with answers that say that they may be kept. */
export interface CacheOptions {
  /** How long an answer that does not say so itself is used without asking. Default: each is asked for again. */
  readonly ttl?: Duration;
  /** How long the last answer stands in while the service fails. Default: never. */
  readonly staleIfError?: Duration;
  /** Of all answers of the connection on a machine. Default 64 MiB. */
  readonly maxBytes?: number;
}
