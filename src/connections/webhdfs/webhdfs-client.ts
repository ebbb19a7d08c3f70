// Requests to the name node of a cluster, and to the data nodes that it leads to.
import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import type { Clock } from "../../core/clock.ts";
import type { WebHdfsConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileAccess } from "../files/file-service.ts";
import { retryTransient } from "../files/retry-transient.ts";
import {
  type ConnectionRequest,
  type ConnectionResponse,
  type ConnectionServices,
  HttpConnection,
} from "../http-connection.ts";
import { toWebHdfsError } from "./webhdfs-error.ts";
import { leading } from "./webhdfs-status.ts";

/** One operation on a path. */
export interface HdfsRequest {
  readonly path: string;
  readonly op: string;
  /** Default `GET`. */
  readonly method?: "GET" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  /** Bytes of the answer. */
  readonly maxBytes?: number;
}

/** Closing it ends what is under way. */
export class WebHdfsClient implements AsyncDisposable {
  readonly #name: string;
  readonly #connection: HttpConnection;
  readonly #origins: readonly string[];
  /** Parameters that say who asks. */
  readonly #identity: Readonly<Record<string, string>>;
  readonly #clock: Pick<Clock, "now">;

  constructor(name: string, options: Resolved<WebHdfsConnectionOptions>, services: ConnectionServices) {
    const { url, user, delegationToken, dataNodes = [], limits, tls, proxy, timeouts } = options;
    this.#name = name;
    this.#clock = services.clock;
    this.#origins = [new URL(url).origin, ...dataNodes];
    this.#identity = {
      ...(user === undefined ? {} : { "user.name": user }),
      ...(delegationToken === undefined ? {} : { delegation: delegationToken }),
    };
    this.#connection = new HttpConnection(
      name,
      {
        baseUrl: url,
        secretParameters: ["delegation"],
        otherOrigins: dataNodes,
        ...(limits === undefined ? {} : { limits }),
        ...(tls === undefined ? {} : { tls }),
        ...(proxy === undefined ? {} : { proxy }),
        ...(timeouts === undefined ? {} : { timeouts }),
      },
      services,
    );
  }

  /**
   * The JSON of an answer, `null` for one without a body, `undefined` where there is nothing at the path. What may pass is tried
   * again for a few seconds.
   */
  async ask(request: HdfsRequest, access: FileAccess): Promise<unknown> {
    return await retryTransient(() => this.askOnce(request, access), access);
  }

  /** The same without another try, for what must not be done twice. */
  async askOnce(request: HdfsRequest, access: FileAccess): Promise<unknown> {
    try {
      return toValue(await text((await this.open(request, access)).body));
    } catch (error) {
      if (error instanceof MillraceError && error.code === "SOURCE_MISSING") return undefined;
      throw error;
    }
  }

  /** Sends once; the body of the answer is the caller's to read. @throws MillraceError as `toWebHdfsError` gives it */
  async open(request: HdfsRequest, access: FileAccess): Promise<ConnectionResponse> {
    const { path, op, method = "GET", query = {}, maxBytes } = request;
    const url = `/webhdfs/v1${encodePath(path, this.#name)}`;
    const limits = maxBytes === undefined ? {} : { limits: { maxBytes } };
    return await this.#send({ method, url, query: { op, ...query, ...this.#identity }, ...limits }, access);
  }

  /**
   * Makes a file of the bytes of a local one: the name node says where they go, and gets none of them. Whatever is at the path is
   * replaced. @throws MillraceError `TARGET_UNSUPPORTED` for a service that does not say where
   */
  async create(
    path: string,
    from: { readonly file: string; readonly size: number },
    access: FileAccess,
  ): Promise<void> {
    const request = { path, op: "CREATE", method: "PUT", query: { noredirect: "true", overwrite: "true" } } as const;
    const answer = leading.safeParse(await this.askOnce(request, access));
    if (!answer.success) throw saysNotWhere(this.#name);
    const url = answer.data.Location;
    this.#assertKnown(url, path);
    const headers = { "content-type": "application/octet-stream", "content-length": String(from.size) };
    const body = { raw: () => createReadStream(from.file, { highWaterMark: 256 * 1024 }) };
    const waitsForContinue = !this.#isOwn(url);
    await text((await this.#send({ method: "PUT", url, headers, body, waitsForContinue }, access)).body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #send(request: ConnectionRequest, { signal }: FileAccess): Promise<ConnectionResponse> {
    const call = signal === undefined ? {} : { signal };
    const response = await this.#connection.send({ ...request, isStored: true }, call);
    if (response.status < 400) return response;
    throw await toWebHdfsError(request.method, response, this.#clock.now());
  }

  /** HttpFS leads to itself. */
  #isOwn(url: string): boolean {
    return URL.parse(url)?.origin === this.#origins[0];
  }

  #assertKnown(url: string, path: string): void {
    const origin = URL.parse(url)?.origin;
    if (origin !== undefined && this.#origins.includes(origin)) return;
    throw new MillraceError("REDIRECT_REFUSED", `the bytes of \`${path}\` would go to \`${origin ?? "no address"}\``, {
      hint: `if that is a data node, add it to \`dataNodes\` of connection \`${this.#name}\``,
    });
  }
}

/** JSON as a value; what is none stays a text, which no answer of WebHDFS is. */
function toValue(content: string): unknown {
  try {
    return content === "" ? null : (JSON.parse(content) as unknown);
  } catch {
    return content;
  }
}

function encodePath(path: string, connection: string): string {
  const segments = path.split("/");
  if (path.startsWith("/") && !segments.includes(".") && !segments.includes("..")) {
    return segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join("/");
  }
  throw new MillraceError(
    "VALUE_INVALID",
    `expected an absolute path on connection \`${connection}\`, got: \`${path}\``,
    { hint: "begin it with `/`, and leave `.` and `..` out" },
  );
}

function saysNotWhere(connection: string): MillraceError {
  return new MillraceError(
    "TARGET_UNSUPPORTED",
    `connection \`${connection}\` does not say where the bytes of a file go`,
    {
      hint: "files are written to clusters of Hadoop 3, whose name nodes know `noredirect`",
    },
  );
}
