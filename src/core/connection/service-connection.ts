// A declared connection as job code uses it.
import type { Duration } from "../duration.ts";

/** Exactly one kind of body, or none. */
export interface ServiceRequest {
  /** Default `GET`, with a body `POST`. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Relative to the address of the connection, or absolute. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  readonly text?: string;
  /** Statuses of 400 and above that are an answer and no error. */
  readonly accept?: readonly number[];
  /** `false` asks the service although the connection has a `cache`, and keeps nothing of the answer. */
  readonly cache?: false;
  /** Points that it costs, where the connection counts them. Default: what it says of each. */
  readonly cost?: number;
  /** Longest time without a byte of the answer. Default: that of the connection. */
  readonly timeout?: Duration;
}

/** An answer. Its body is read once, in one of the three ways. */
export interface ServiceResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where it came from, without secrets. */
  readonly address: string;
  /** Whether it comes out of the cache of the connection: fresh, or confirmed by the service just now. */
  readonly cached: boolean;
  /** Whether the service failed, so that nobody knows whether this still holds. */
  readonly stale: boolean;
  /** Since the service last gave or confirmed it; 0 when it has just given it. */
  readonly ageMs: number;
  /** Decoded bytes as they come. A loop that is left early ends the exchange. */
  readonly body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  /** @throws MillraceError `FORMAT_INVALID` for what is no JSON */
  json(): Promise<unknown>;
}

export interface ServiceConnection {
  readonly name: string;
  /**
   * Sends a request with the credentials of the connection, as soon as the service may be asked.
   * @throws MillraceError by status: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`, `AUTHENTICATION_FAILED`, `PERMISSION_DENIED`,
   * `REQUEST_REJECTED`; or `CONNECTION_FAILED` and the like without an answer. A pause of more than `limits.maxWait` gives the
   * worker back: the run enters `execute` again when it is over
   */
  send(request: ServiceRequest): Promise<ServiceResponse>;
}
