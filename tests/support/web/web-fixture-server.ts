// Serves the built web UI with answers that never change, in three moods: `normal`, `empty` and `error` (everything but the
// session is refused). For looking at screens and for checks of them; it keeps no state.
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative, resolve, sep } from "node:path";
import { WebSocketServer } from "ws";
import type { ClientMessage, ServerMessage } from "../../../src/api/event-message.ts";
import type { Problem } from "../../../src/api/problem.ts";
import { eventsPath, routes, type RouteName } from "../../../src/api/routes.ts";
import { emptyAnswers, normalAnswers, type FixtureAnswers, type FixtureCall } from "./web-fixture-answers.ts";
import { minutesAgo } from "./web-fixture-time.ts";

export type FixtureMood = "normal" | "empty" | "error" | "anonymous";

export interface WebFixtureServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Operations that were called, oldest first. */
  readonly calls: readonly RouteName[];
  mood: FixtureMood;
}

export interface WebFixtureOptions {
  readonly mood?: FixtureMood;
  /** Where the built UI is; default `dist/web`. */
  readonly folder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Answers in place of those of the mood. */
  readonly answers?: Partial<FixtureAnswers>;
}

/** On loopback. The policy of what the page may load is as strict as the product's. */
export async function startWebFixtureServer(options: WebFixtureOptions = {}): Promise<WebFixtureServer> {
  const folder = options.folder ?? resolve(import.meta.dirname, "..", "..", "..", "dist", "web");
  const files = await readFiles(folder);
  const calls: RouteName[] = [];
  const fixture: { mood: FixtureMood } = { mood: options.mood ?? "normal" };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fixture");
    if (!pathname.startsWith("/api/")) {
      sendFile(response, files, pathname);
      return;
    }
    void readBody(request).then((body) => {
      const found = findRoute(request.method ?? "GET", pathname);
      if (found !== undefined) calls.push(found.name);
      const call = { params: found?.params ?? {}, query: Object.fromEntries(searchParams), body };
      answer(response, fixture.mood, found?.name, call, options.answers ?? {});
    });
  });
  const sockets = serveEvents(server);
  await new Promise<void>((done) => server.listen(options.port ?? 0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    get mood() {
      return fixture.mood;
    },
    set mood(mood) {
      fixture.mood = mood;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function answer(
  response: ServerResponse,
  mood: FixtureMood,
  name: RouteName | undefined,
  call: FixtureCall,
  overrides: Partial<FixtureAnswers>,
): void {
  if (name === undefined) return sendProblem(response, 404, "NOT_FOUND", "no such route");
  const isSession = name === "showSession" || name === "createSession";
  if (mood === "anonymous") return sendProblem(response, 401, "UNAUTHENTICATED", "expected a token or a session");
  if (mood === "error" && !isSession) {
    return sendProblem(
      response,
      503,
      "STORE_UNAVAILABLE",
      "the store does not answer",
      "look whether the database runs",
    );
  }
  const answers = mood === "empty" ? emptyAnswers : normalAnswers;
  const result: unknown = (overrides[name] ?? answers[name])(call);
  if (result === null) {
    response.writeHead(204).end();
    return;
  }
  const isText = typeof result === "string";
  response.writeHead(200, { "content-type": isText ? "text/plain; charset=utf-8" : "application/json" });
  response.end(isText ? result : JSON.stringify(result));
}

function sendProblem(response: ServerResponse, status: number, code: string, detail: string, hint?: string): void {
  const problem: Problem = {
    type: `https://millrace.dev/errors#${code}`,
    code,
    status,
    title: detail,
    detail,
    ...(hint === undefined ? {} : { hint }),
    request_id: "fixture",
  };
  response.writeHead(status, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
}

// All at once, so that a build that goes on meanwhile changes nothing.
async function readFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(`/${relative(folder, path).split(sep).join("/")}`, await readFile(path));
  }
  if (!files.has("/index.html")) throw new Error(`expected a built web UI (npm run build:web) in: \`${folder}\``);
  return files;
}

// Any address that is no file is a screen.
function sendFile(response: ServerResponse, files: ReadonlyMap<string, Buffer>, pathname: string): void {
  const name = extname(pathname) === "" ? "/index.html" : pathname;
  const content = files.get(name);
  if (content === undefined) {
    response.writeHead(404).end();
    return;
  }
  const type = contentTypes[extname(name)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, "content-security-policy": policy }).end(content);
}

async function readBody(request: IncomingMessage): Promise<FixtureCall["body"]> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : (JSON.parse(text) as FixtureCall["body"]);
}

/** Paths without parameters come first, as in the server. */
const matchers = Object.entries(routes)
  .map(([name, { method, path }]) => ({
    name: name as RouteName,
    method,
    parameters: path.split(":").length - 1,
    pattern: new RegExp(`^${path.replace(".", "\\.").replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`),
  }))
  .toSorted((a, b) => a.parameters - b.parameters);

function findRoute(
  method: string,
  pathname: string,
): { readonly name: RouteName; readonly params: Record<string, string> } | undefined {
  for (const matcher of matchers) {
    const match = matcher.method === method ? matcher.pattern.exec(pathname) : null;
    if (match === null) continue;
    const params = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    return { name: matcher.name, params: Object.fromEntries(params) as Record<string, string> };
  }
  return undefined;
}

function serveEvents(server: Server): WebSocketServer {
  const sockets = new WebSocketServer({ server, path: eventsPath });
  sockets.on("connection", (socket) => {
    const send = (message: ServerMessage): void => socket.send(JSON.stringify(message));
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString("utf8")) as ClientMessage;
      if (message.type === "subscribe") send({ type: "subscribed", topic: message.topic, pos: "1" });
      if (message.type === "unsubscribe") send({ type: "unsubscribed", topic: message.topic });
      if (message.type === "ping") send({ type: "pong", at: minutesAgo(0) });
    });
  });
  return sockets;
}
