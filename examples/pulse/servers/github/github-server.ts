// A GitHub on the loopback address, with the behaviour that matters to who collects it: pages by `link`, entity tags for each token,
// both kinds of limits, tokens of an app that end, and whatever trouble a test asks for.
import { createHash, createVerify } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { GithubEntities } from "../../organisation/entities.ts";
import { type Answer, answerPath } from "./github-routes.ts";
import { toWhole } from "./whole-json.ts";
import { GithubState } from "./github-state.ts";

export interface GithubServerOptions {
  readonly rows: GithubEntities;
  /** Personal tokens that count. Default: `ghp_test`. */
  readonly tokens?: readonly string[];
  /** PEM of the public key of the one app, whose id is `1` and whose installation is `2`. */
  readonly appKey?: string;
  /** How long tokens of the app live. Default one hour. */
  readonly tokenMs?: number;
  /** Requests an hour; `off` writes what an Enterprise Server without limits does, `silent` writes nothing. Default 5000. */
  readonly limit?: number | "off" | "silent";
  /** Where the path of a server begins that is no github.com, such as `/api/v3`. */
  readonly prefix?: string;
  /** Whether answers have all fields that GitHub gives, and not those alone that somebody here reads. Default false. */
  readonly isWhole?: boolean;
  /** Milliseconds since 1970. Default: those of the machine. */
  readonly now?: () => number;
}

/** One request as it was answered. */
export interface GithubExchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly token: string;
  /** Whether it came while the server had asked for a pause. */
  readonly wasBlocked: boolean;
}

/** What stands in the place of an answer. */
export interface Trouble {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** In the place of the message. */
  readonly body?: unknown;
  /** The body of the real answer ends in the middle. */
  readonly isCut?: boolean;
  /** Nothing is allowed for that long, and requests that come nevertheless are told so. */
  readonly pauseMs?: number;
}

/** Asked before each answer, with the path and its query. */
export type TroubleMaker = (path: string, exchanges: readonly GithubExchange[]) => Trouble | undefined;

export class GithubServer implements AsyncDisposable {
  readonly state: GithubState;
  readonly exchanges: GithubExchange[] = [];
  /** Trouble that the test wants. */
  trouble: TroubleMaker = () => undefined;
  readonly #options: GithubServerOptions;
  readonly #server: Server;
  readonly #issued = new Map<string, number>();
  #blockedUntilMs = 0;
  #used = 0;
  #resetAtMs = 0;

  private constructor(options: GithubServerOptions) {
    this.#options = options;
    this.state = new GithubState(options.rows);
    this.#server = createServer((request, response) => {
      request.resume();
      request.once("end", () => this.#answer(request, response));
    });
  }

  static async start(options: GithubServerOptions): Promise<GithubServer> {
    const server = new GithubServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** What a connection has as its `baseUrl`. */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#options.prefix ?? ""}`;
  }

  /** Lets the process end although it listens. */
  unref(): void {
    this.#server.unref();
  }

  /** Forgets what was asked so far. */
  forgetExchanges(): void {
    this.exchanges.length = 0;
  }

  /** Ends all tokens of the app now. */
  endTokens(): void {
    this.#issued.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #nowMs(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { prefix = "" } = this.#options;
    const path = (request.url ?? "").slice(prefix.length);
    const token = (request.headers.authorization ?? "").replace(/^(?:Bearer|token) /, "");
    const wasBlocked = this.#nowMs < this.#blockedUntilMs;
    const send = (
      status: number,
      body: unknown,
      headers: Readonly<Record<string, string>> = {},
      isCut = false,
    ): void => {
      this.exchanges.push({ method: request.method ?? "", path, status, token, wasBlocked });
      const text = status === 304 ? "" : JSON.stringify(body);
      response.writeHead(status, {
        ...(status === 304
          ? {}
          : { "content-type": "application/json; charset=utf-8", "content-length": Buffer.byteLength(text) }),
        date: new Date(this.#nowMs).toUTCString(),
        ...this.#limitHeaders(),
        ...headers,
      });
      if (isCut) response.write(text.slice(0, text.length / 2), () => response.destroy());
      else response.end(text);
    };
    if (wasBlocked) {
      const seconds = Math.ceil((this.#blockedUntilMs - this.#nowMs) / 1_000);
      return send(403, { message: "You have exceeded a secondary rate limit." }, { "retry-after": String(seconds) });
    }
    const trouble = this.trouble(path, this.exchanges);
    if (trouble?.pauseMs !== undefined) this.#blockedUntilMs = this.#nowMs + trouble.pauseMs;
    if (trouble?.status !== undefined)
      return send(
        trouble.status,
        trouble.body === undefined ? { message: trouble.message ?? "trouble" } : trouble.body,
        trouble.headers,
      );
    if (request.method === "POST" && path === "/app/installations/2/access_tokens") return this.#issue(token, send);
    if (!this.#isKnown(token)) return send(401, { message: "Bad credentials" });
    this.#show(
      new URL(path, "http://x"),
      { token, tag: request.headers["if-none-match"], isCut: trouble?.isCut === true },
      send,
    );
  }

  #show(
    url: URL,
    { token, tag, isCut }: { readonly token: string; readonly tag: string | undefined; readonly isCut: boolean },
    send: Send,
  ): void {
    const answer = answerPath(this.state, url.pathname, url.searchParams);
    if (answer !== undefined && "status" in answer) {
      const { status, message, location } = answer;
      const to: Readonly<Record<string, string>> =
        location === undefined ? {} : { location: `${this.baseUrl}${location}${url.search}` };
      this.#used += 1;
      return send(status, { message, ...(location === undefined ? {} : { url: to["location"] }) }, to);
    }
    const { body: read, link } = this.#page(answer, url);
    const body = this.#options.isWhole === true ? toWhole(read, `${this.baseUrl}${url.pathname}`) : read;
    const etag = `"${createHash("sha256")
      .update(`${token}:${JSON.stringify(body)}`)
      .digest("hex")}"`;
    const headers = { etag, "cache-control": "private, max-age=0", vary: "Accept, Authorization" };
    // one that was not changed costs nothing, and tells no next page
    if (tag === etag) return send(304, undefined, headers);
    this.#used += 1;
    const isUsedUp = typeof this.#options.limit === "number" && this.#used > this.#options.limit;
    if (isUsedUp) return send(403, { message: "API rate limit exceeded" });
    send(200, body, { ...headers, ...(link === "" ? {} : { link }) }, isCut);
  }

  #page(
    answer: Exclude<Answer, { readonly status: number }>,
    url: URL,
  ): { readonly body: unknown; readonly link: string } {
    if ("one" in answer) return { body: answer.one, link: "" };
    const { list, wrap, most = Infinity } = answer;
    const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30));
    const page = Number(url.searchParams.get("page") ?? 1);
    const all = list.slice(0, most);
    const items = all.slice((page - 1) * size, page * size);
    const pages = Math.max(1, Math.ceil(all.length / size));
    const to = (number: number, rel: string): string => {
      const next = new URL(`${this.baseUrl}${this.#byId(url.pathname)}${url.search}`);
      next.searchParams.set("page", String(number));
      return `<${next.href}>; rel="${rel}"`;
    };
    const links = page < pages ? [to(page + 1, "next"), to(pages, "last")] : [];
    return { body: wrap?.(items, all.length) ?? items, link: links.join(", ") };
  }

  /** Links name repositories by their id. */
  #byId(path: string): string {
    const [, scope, owner = "", name = "", ...rest] = path.split("/");
    if (scope !== "repos") return path;
    const repository = this.state.findRepository(`${decodeURIComponent(owner)}/${decodeURIComponent(name)}`);
    return repository === undefined ? path : ["", "repositories", repository.id, ...rest].join("/");
  }

  #limitHeaders(): Readonly<Record<string, string>> {
    const { limit = 5_000 } = this.#options;
    if (limit === "silent") return {};
    if (limit === "off") return { "x-ratelimit-limit": "0", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "0" };
    if (this.#nowMs >= this.#resetAtMs) {
      this.#resetAtMs = this.#nowMs + 3_600_000;
      this.#used = Math.min(this.#used, 1);
    }
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - this.#used)),
      "x-ratelimit-used": String(this.#used),
      "x-ratelimit-reset": String(Math.ceil(this.#resetAtMs / 1_000)),
      "x-ratelimit-resource": "core",
    };
  }

  #isKnown(token: string): boolean {
    const endsAtMs = this.#issued.get(token);
    if (endsAtMs !== undefined) return this.#nowMs < endsAtMs;
    return (this.#options.tokens ?? ["ghp_test"]).includes(token);
  }

  #issue(assertion: string, send: Send): void {
    const [head = "", payload = "", signature = ""] = assertion.split(".");
    const isSigned = createVerify("sha256")
      .update(`${head}.${payload}`)
      .verify(this.#options.appKey ?? "", Buffer.from(signature, "base64url"));
    const claims = isSigned
      ? (JSON.parse(Buffer.from(payload, "base64url").toString()) as { iss: string; iat: number; exp: number })
      : undefined;
    if (claims?.iss !== "1" || claims.exp - claims.iat > 600)
      return send(401, { message: "A JSON web token could not be decoded" });
    const endsAtMs = this.#nowMs + (this.#options.tokenMs ?? 3_600_000);
    const token = `ghs_1_${createHash("sha256").update(`${assertion}${this.#issued.size}`).digest("base64url")}`;
    this.#issued.set(token, endsAtMs);
    send(201, { token, expires_at: new Date(endsAtMs).toISOString(), permissions: { contents: "read" } });
  }
}

type Send = (status: number, body: unknown, headers?: Readonly<Record<string, string>>, isCut?: boolean) => void;
