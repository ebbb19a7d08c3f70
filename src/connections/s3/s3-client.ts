// Single requests to one bucket, signed, tried again when that may help, and judged by what S3 says of them.
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Clock } from "../../core/clock.ts";
import type { FileAccess } from "../files/file-service.ts";
import { retryTransient } from "../files/retry-transient.ts";
import type { ConnectionRequest, ConnectionResponse, HttpConnection } from "../http-connection.ts";
import { keyAddress } from "./s3-address.ts";
import { errorCodeIn, toS3Error } from "./s3-error.ts";

export interface S3Request extends Pick<ConnectionRequest, "method" | "query" | "headers" | "limits"> {
  /** Left out: the bucket itself. */
  readonly key?: string;
  readonly body?: Uint8Array;
  /** Statuses of 300 and above that are an answer and no error. */
  readonly accept?: readonly number[];
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface S3ClientOptions {
  readonly connection: HttpConnection;
  /** Address of the bucket. */
  readonly bucket: string;
  readonly clock: Pick<Clock, "now">;
}

/** Requests to one bucket. */
export class S3Client {
  readonly #clock: Pick<Clock, "now">;
  readonly #connection: HttpConnection;
  readonly #bucket: string;

  constructor({ connection, bucket, clock }: S3ClientOptions) {
    this.#connection = connection;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  /** An answer whose text is small. What may pass is tried again for a few seconds. @throws MillraceError as `toS3Error` gives it */
  async ask(request: S3Request, { signal }: FileAccess): Promise<S3Answer> {
    return await retryTransient(
      async () => {
        const response = await this.open(request, signal === undefined ? {} : { signal });
        const answer = { status: response.status, headers: response.headers, text: await text(response.body) };
        // some answers begin before their outcome is known
        if (answer.status === 200 && errorCodeIn(answer.text) !== undefined)
          throw await this.#refuse(request, response, answer.text);
        return answer;
      },
      signal === undefined ? {} : { signal },
    );
  }

  /** Sends once; the body of the answer is the caller's to read. @throws MillraceError as `toS3Error` gives it */
  async open({ key, body, accept = [], ...request }: S3Request, { signal }: FileAccess): Promise<ConnectionResponse> {
    const response = await this.#connection.send(
      {
        ...request,
        url: key === undefined ? this.#bucket : keyAddress(this.#bucket, key),
        isStored: true,
        ...(body === undefined ? {} : { body: { raw: body } }),
      },
      signal === undefined ? {} : { signal },
    );
    if (response.status < 300 || accept.includes(response.status)) return response;
    throw await toS3Error(request.method, response, this.#clock.now());
  }

  async #refuse({ method }: S3Request, response: ConnectionResponse, body: string): Promise<Error> {
    return await toS3Error(method, { ...response, status: 500, body: Readable.from([body]) }, this.#clock.now());
  }
}
