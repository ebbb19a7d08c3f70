// Calls of Spark Connect over gRPC: bytes in, bytes out. The token is asked for with each call, because tokens end before sessions do.
import type { ChannelCredentials, Client, Metadata, requestCallback } from "@grpc/grpc-js";
import type { ConnectAddress } from "./connect-address.ts";
import { grpcStatus, toConnectFailure } from "./connect-failure.ts";
import { type GrpcDriver, loadGrpc } from "./grpc-driver.ts";

/** Gives the token for the next call. @param refused the one before, when the server did not take it */
export type TokenSource = (refused: string | undefined) => string | Promise<string>;

export interface ChannelOptions {
  /** Instead of the address's token. */
  readonly token?: TokenSource;
  /** PEM of authorities to trust instead of those that Node.js does. */
  readonly certificateAuthority?: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** After which the call fails; a call without it waits. */
  readonly timeoutMs?: number;
}

/** One connection. Every method throws `ConnectFailure`. */
export class ConnectChannel implements Disposable {
  readonly #grpc: GrpcDriver;
  readonly #client: Client;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #token: TokenSource | undefined;
  #refusedToken: string | undefined;

  private constructor(grpc: GrpcDriver, address: ConnectAddress, options: ChannelOptions) {
    this.#grpc = grpc;
    this.#headers = address.headers;
    const { token } = address;
    this.#token = options.token ?? (token === undefined ? undefined : () => token);
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    const limit = address.maxMessageBytes ?? defaultMessageBytes;
    this.#client = new grpc.Client(`${host}:${address.port}`, credentialsOf(grpc, address, options), {
      "grpc.max_receive_message_length": limit,
      "grpc.max_send_message_length": limit,
      "grpc.primary_user_agent": address.userAgent ?? "millrace",
      // tries are counted here; those of the library would come on top
      "grpc.enable_retries": 0,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 5_000,
      // a connection that this channel closes is closed
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  /** Connects at the first call. @throws MillraceError `DEPENDENCY_MISSING` */
  static async open(address: ConnectAddress, options: ChannelOptions = {}): Promise<ConnectChannel> {
    return new ConnectChannel(await loadGrpc(), address, options);
  }

  /** One question, one answer. */
  async ask(method: string, request: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    return await this.#call(options, (metadata, limits, answer) =>
      this.#client.makeUnaryRequest(servicePath + method, toBuffer, asIs, request, metadata, limits, answer),
    );
  }

  /** Many messages, then one answer. */
  async upload(method: string, requests: Iterable<Uint8Array>, options: CallOptions = {}): Promise<Uint8Array> {
    return await this.#call(options, (metadata, limits, answer) => {
      const path = servicePath + method;
      const call = this.#client.makeClientStreamRequest(path, toBuffer, asIs, metadata, limits, answer);
      for (const request of requests) call.write(request);
      call.end();
      return call;
    });
  }

  /** One question, many answers, read as they are asked for. Leaving ends the call and nothing else. */
  async *watch(method: string, request: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const { metadata, token } = await this.#prepare(signal);
    const call = this.#client.makeServerStreamRequest(servicePath + method, toBuffer, asIs, request, metadata, {});
    const cancel = (): void => call.cancel();
    // what fails after the reader has left is nobody's
    call.on("error", () => undefined);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      for await (const message of call) yield message as Uint8Array;
    } catch (error) {
      throw this.#toFailure(error, token);
    } finally {
      signal?.removeEventListener("abort", cancel);
      cancel();
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #call(
    { signal, timeoutMs }: CallOptions,
    start: (metadata: Metadata, limits: Partial<CallLimits>, answer: requestCallback<Uint8Array>) => Cancellable,
  ): Promise<Uint8Array> {
    const { metadata, token } = await this.#prepare(signal);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    // the library wants an absolute moment
    const limits = timeoutMs === undefined ? {} : { deadline: new Date(Date.now() + timeoutMs) };
    const call = start(metadata, limits, (error, value = new Uint8Array()) => {
      if (error === null) resolve(value);
      else reject(this.#toFailure(error, token));
    });
    const cancel = (): void => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  async #prepare(signal?: AbortSignal): Promise<{ readonly metadata: Metadata; readonly token: string | undefined }> {
    signal?.throwIfAborted();
    const metadata = new this.#grpc.Metadata();
    for (const [name, value] of Object.entries(this.#headers)) metadata.set(name, value);
    const refused = this.#refusedToken;
    this.#refusedToken = undefined;
    const token = await this.#token?.(refused);
    if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
    return { metadata, token };
  }

  #toFailure(error: unknown, token: string | undefined): Error {
    const failure = toConnectFailure(error);
    if (failure.status === grpcStatus.unauthenticated) this.#refusedToken = token;
    return failure;
  }
}

interface CallLimits {
  readonly deadline: Date;
}

interface Cancellable {
  cancel(): void;
}

const servicePath = "/spark.connect.SparkConnectService/";
/** What Spark itself takes and sends at most. */
const defaultMessageBytes = 128 * 1024 * 1024;

function credentialsOf(grpc: GrpcDriver, { usesTls }: ConnectAddress, options: ChannelOptions): ChannelCredentials {
  if (!usesTls) return grpc.credentials.createInsecure();
  const { certificateAuthority } = options;
  return grpc.credentials.createSsl(certificateAuthority === undefined ? null : Buffer.from(certificateAuthority));
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asIs(bytes: Buffer): Uint8Array {
  return bytes;
}
