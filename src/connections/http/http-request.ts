// What a request is before anything of undici sees it: plain values, so that plans, recordings and tests can hold one.
import type { Readable } from "node:stream";
import type { FileContent } from "./file-content.ts";

export type HttpMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Name → value, or values that are sent one after the other under the same name. */
export type FieldValues = Readonly<Record<string, string | readonly string[]>>;

export interface MultipartPart {
  readonly name: string;
  readonly content: string | Uint8Array | FileContent;
  /** Makes the part a file. */
  readonly fileName?: string;
  /** Default: none for a text, `application/octet-stream` for a file. */
  readonly contentType?: string;
}

/** Exactly one kind of body. `content-type` follows from it unless the headers have one. */
export type HttpBody =
  | { readonly json: unknown }
  | { readonly form: FieldValues }
  | { readonly multipart: readonly MultipartPart[] }
  | { readonly file: FileContent }
  | {
      /** A function gives a new stream for each time that the request is sent. */
      readonly raw: string | Uint8Array | (() => Readable);
      readonly contentType?: string;
    };

export interface HttpTimeouts {
  /** From the end of the request to the headers of the answer. Default 60 s. */
  readonly headersMs?: number;
  /** Between two parts of the body, while somebody reads. Default 60 s. */
  readonly idleMs?: number;
  /** From the start to the last byte that was read, redirects included. Default 1 h. */
  readonly totalMs?: number;
}

export interface BodyLimits {
  /** Bytes after decompression. Default 4 GiB. */
  readonly maxBytes?: number;
  /** How many times larger than what was received a body may become, looked at beyond 16 MiB. Default 250. */
  readonly maxExpansion?: number;
}

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Absolute, http or https. Its query is sent as it is written, without being read and written anew. */
  readonly url: string;
  /** Added behind the query of the address, URL-encoded. */
  readonly query?: FieldValues;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly timeouts?: HttpTimeouts;
  readonly limits?: BodyLimits;
  /** Gives the bytes as they are stored: a `content-encoding` says what they are packed with, and is not undone. Default false. */
  readonly isStored?: boolean;
  /**
   * Whether the body is sent when the service has said `100 Continue`, or after a second, and through no proxy: for services that say
   * so unasked. Default false.
   */
  readonly waitsForContinue?: boolean;
  /** Origins that redirects may lead to, beside the address's own: `https://files.example.com`. */
  readonly redirectOrigins?: readonly string[];
  /** Names of query parameters that are masked in messages, beside those that are named like a secret. */
  readonly secretParameters?: readonly string[];
}
