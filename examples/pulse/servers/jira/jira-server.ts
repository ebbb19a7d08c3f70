// A Jira on this machine: it asks who comes, keeps to limits by endpoint and by quota, goes wrong on demand, and counts what was asked of it,
// above all what was sent while it had said to wait.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { JiraSite, type JiraSiteOptions } from "./jira-site.ts";
import { type JiraAnswer, type JiraRequest, JiraRoutes, type JiraRoutesOptions, problem } from "./routes.ts";
import type { JiraEntities } from "../../organisation/entities.ts";

export interface JiraServerOptions extends JiraSiteOptions, Omit<JiraRoutesOptions, "deployment"> {
  /** Default `cloud`. */
  readonly deployment?: JiraRoutesOptions["deployment"];
  /** Default: a free one. */
  readonly port?: number;
  /** Who may come: on Cloud with an API token, else with a token of one's own. */
  readonly email?: string;
  /** Whether connections stay open between requests. Default true. */
  readonly keepsAlive?: boolean;
  readonly token?: string;
}

/** A request that came, with what it was answered. */
export interface JiraExchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: JiraRequest["body"];
  readonly status: number;
}

/** Why requests are refused for a while; a burst concerns one endpoint alone. */
export interface JiraBlock {
  readonly reason: "jira-burst-based" | "jira-quota-global-based" | "jira-quota-tenant-based" | "jira-cost-based";
  /** Of the wait, as `retry-after` says it. */
  readonly seconds: number;
  /** Beginning of the path. Default: all of them. */
  readonly endpoint?: string;
  /** Says when to come back by `x-ratelimit-reset` alone, or not at all. Default `retry-after`. */
  readonly says?: "retry-after" | "reset" | "nothing";
}

/** An answer in the place of the usual one; `cut` ends the connection in the middle of the body, `drop` before the head. */
export type JiraFault = Partial<JiraAnswer> & { readonly cut?: boolean; readonly drop?: boolean };

/** Asked for each request, with its number from 1; `undefined` leaves it to the site. */
export type JiraScript = (request: JiraRequest, number: number) => JiraFault | undefined;

export class JiraServer implements AsyncDisposable {
  readonly site: JiraSite;
  readonly exchanges: JiraExchange[] = [];
  /** Requests that came although the server had said to wait. */
  sentWhileBlocked = 0;
  /** Goes wrong on demand. */
  script: JiraScript = () => undefined;
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response).catch(() => response.destroy());
  });
  readonly #options: JiraServerOptions;
  #routes: JiraRoutes | undefined;
  #block: (JiraBlock & { readonly untilMs: number; isTold: boolean }) | undefined;

  private constructor(data: JiraEntities, options: JiraServerOptions) {
    this.site = new JiraSite(data, options);
    this.#options = options;
  }

  static async start(data: JiraEntities, options: JiraServerOptions = {}): Promise<JiraServer> {
    const server = new JiraServer(data, options);
    await new Promise<void>((resolve) => server.#server.listen(options.port ?? 0, "127.0.0.1", resolve));
    server.#routes = new JiraRoutes(server.site, server.url, { ...options, deployment: options.deployment ?? "cloud" });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** `POST /rest/api/3/search/jql`, one for each request, without queries. */
  get lines(): readonly string[] {
    return this.exchanges.map(({ method, path }) => `${method} ${path.split("?")[0] ?? ""}`);
  }

  /** Lets the process end although it listens. */
  unref(): void {
    this.#server.unref();
  }

  /** Refuses requests from now on, for a while. */
  block(block: JiraBlock): void {
    this.#block = { ...block, untilMs: this.site.now() + block.seconds * 1_000, isTold: false };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = await parseRequest(request);
    const fault = this.script(parsed, this.exchanges.length + 1);
    const usual =
      this.#authorize(request) ??
      this.#refuse(parsed) ??
      (fault?.status === undefined ? this.#answer(parsed) : undefined);
    const { status = 200, body = {}, headers = {} } = { ...usual, ...fault };
    this.exchanges.push({ method: parsed.method, path: request.url ?? "", body: parsed.body, status });
    if (fault?.drop === true) return void response.destroy();
    const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const type = typeof body === "string" ? "text/html" : "application/json;charset=UTF-8";
    if (this.#options.keepsAlive === false) response.shouldKeepAlive = false;
    const ended = {
      "content-type": type,
      "content-length": String(bytes.length),
      date: new Date(this.site.now()).toUTCString(),
      ...headers,
    };
    response.writeHead(status, ended);
    if (fault?.cut === true) response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    else response.end(bytes);
  }

  #answer(request: JiraRequest): JiraAnswer {
    return this.#routes?.answer(request) ?? problem(503, "The server is starting.");
  }

  #authorize(request: IncomingMessage): JiraAnswer | undefined {
    const { email, token, deployment = "cloud" } = this.#options;
    if (token === undefined) return undefined;
    const basic = `Basic ${Buffer.from(`${email ?? ""}:${token}`).toString("base64")}`;
    const wanted = deployment === "cloud" ? basic : `Bearer ${token}`;
    if (request.headers.authorization === wanted) return undefined;
    const headers = { "x-seraph-loginreason": "AUTHENTICATED_FAILED", "www-authenticate": 'OAuth realm="jira"' };
    return { ...problem(401, "Client must be authenticated to access this resource."), headers };
  }

  #refuse({ path }: JiraRequest): JiraAnswer | undefined {
    const block = this.#block;
    if (block === undefined || this.site.now() >= block.untilMs) return undefined;
    if (block.endpoint !== undefined && !path.startsWith(block.endpoint)) return undefined;
    if (block.isTold) this.sentWhileBlocked += 1;
    block.isTold = true;
    const reset = new Date(block.untilMs).toISOString().slice(0, 16) + "Z";
    const headers: Readonly<Record<NonNullable<typeof block.says>, Readonly<Record<string, string>>>> = {
      "retry-after": { "retry-after": String(Math.ceil((block.untilMs - this.site.now()) / 1_000)) },
      reset: { "x-ratelimit-reset": reset, "x-ratelimit-remaining": "0", "x-ratelimit-limit": "100" },
      nothing: {},
    };
    const said = headers[block.says ?? "retry-after"];
    return { ...problem(429, "Rate limit exceeded"), headers: { "ratelimit-reason": block.reason, ...said } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

async function parseRequest(request: IncomingMessage): Promise<JiraRequest> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://jira");
  const text = Buffer.concat(parts).toString();
  const body = text === "" ? {} : (JSON.parse(text) as JiraRequest["body"]);
  return { method: request.method ?? "GET", path: pathname, query: searchParams, body };
}
