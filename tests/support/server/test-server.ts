// A server on loopback over a store in a temporary folder, with jobs to ask for and a token of each role.
import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import type { Role } from "../../../src/api/role.ts";
import type { RouteEntry, RouteName } from "../../../src/api/routes.ts";
import { roles } from "../../../src/api/role.ts";
import { routes } from "../../../src/api/routes.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobPipeline } from "../../../src/core/job/pipeline.ts";
import type { SecretRedactor } from "../../../src/core/errors/secret-redactor.ts";
import { type RunningServer, startServer, type StartServerOptions } from "../../../src/server/http/start-server.ts";
import { createTokenParts, formatToken, hashSecret } from "../../../src/server/access/token-secret.ts";
import { createRestFixture, type RestFixture } from "./rest-fixture.ts";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly fixture: RestFixture;
  readonly server: RunningServer;
  /** A token of each role. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** Lines of the server's log. */
  readonly logLines: string[];
  /** A token that this test makes. */
  addToken(options: { readonly role: Role; readonly name?: string; readonly expiresAtMs?: number }): Promise<string>;
  /** `path` from the root; the body as JSON. */
  request(method: string, path: string, options?: TestRequest): Promise<Response>;
  /** By operation id, with what its path needs. */
  call(
    name: RouteName,
    options?: TestRequest & { readonly params?: Readonly<Record<string, string>> },
  ): Promise<Response>;
}

export interface TestRequest {
  /** Default: that of the admin; `""` sends none. */
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

export interface TestServerOptions extends Partial<Omit<StartServerOptions, "clock">> {
  /** Definitions for the fixture's own store; without effect on `services` that are given. */
  readonly definitions?: readonly (Job | JobPipeline<string>)[];
  readonly redactor?: SecretRedactor;
}

/** Disposing it stops the server and its workers and removes the folder. */
export async function startTestServer({ definitions = [], ...options }: TestServerOptions = {}): Promise<TestServer> {
  const fixture = await createRestFixture(definitions);
  const services = options.services ?? fixture.services;
  const { store } = services;
  const addToken: TestServer["addToken"] = async ({ role, name = role, expiresAtMs }) => {
    const parts = createTokenParts();
    const secretHash = await hashSecret(parts.secret);
    await store.addToken({ id: parts.id, name, role, secretHash, createdBy: "test", expiresAtMs });
    return formatToken(parts);
  };
  const made = await Promise.all(roles.map(async (role) => [role, await addToken({ role })] as const));
  const tokens = Object.fromEntries(made) as Record<Role, string>;
  const logLines: string[] = [];
  const server = await startServer({
    port: 0,
    logDestination: { write: (line: string) => void logLines.push(line) },
    checkAnswers: true,
    ...options,
    services,
    clock: fixture.clock,
  });
  const request: TestServer["request"] = async (method, path, { token = tokens.admin, body, headers, query } = {}) => {
    const search = query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
    return await send(`${server.url}${path}${search}`, {
      method,
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
  };
  return {
    url: server.url,
    fixture,
    server,
    tokens,
    logLines,
    addToken,
    request,
    async call(name, { params, ...rest } = {}) {
      const { method, path }: RouteEntry = routes[name];
      return await request(method, fillPath(path, params ?? {}), rest);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

interface SentRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** On a connection of its own: those that `fetch` keeps would count as leaks. Paths and headers go out as they are. */
export async function send(url: string, { method, headers, body }: SentRequest): Promise<Response> {
  const { hostname, port } = new URL(url);
  const path = url.slice(new URL(url).origin.length);
  const sent = httpRequest({
    host: hostname,
    port,
    path,
    method,
    headers: { ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }), ...headers },
    agent: false,
    setHost: headers["host"] === undefined,
  });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const given = Object.entries(answer.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const status = answer.statusCode ?? 0;
  return new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), { status, headers: given });
}

/** Parameters that are not given get one that fits: `r1`, `hello`. */
export function fillPath(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? (name.endsWith("run_id") ? "r1" : "hello")),
  );
}
