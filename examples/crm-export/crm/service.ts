// A CRM that makes exports: a stand-in for a real one. It asks for a token, makes one export for each idempotency key, works on it
// for a while, gives its rows in pages, and once asks for a pause in between.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const contacts = Array.from({ length: 250 }, (_, index) => ({
  id: index + 1,
  email: `person${index + 1}@example.com`,
  country: ["NO", "FR", "JP"][index % 3],
  revenue: (index * 1_999) / 100,
  changed_at: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
}));
const token = "crm-token-5b0c7e";
const states = ["pending", "active", "success"];
const firstId = 1234;

export interface CrmService {
  readonly url: string;
  /** Idempotency keys of the exports that were made, in their order. */
  readonly exports: readonly string[];
  close(): void;
}

/** Listens on a port of its own. */
export async function startCrmService(): Promise<CrmService> {
  const exports: string[] = [];
  const questions = new Map<number, number>();
  const pages = { hasPaused: false };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "", "http://crm");
    const route = `${request.method} ${url.pathname}`;
    if (route === "POST /oauth/token") return send(response, 200, { access_token: token, expires_in: 3600 });
    if (request.headers.authorization !== `Bearer ${token}`) return send(response, 401, { error: "who are you?" });
    if (route === "POST /exports") {
      const key = String(request.headers["idempotency-key"]);
      if (!exports.includes(key)) exports.push(key);
      return send(response, 201, { id: firstId + exports.indexOf(key), status: states[0] });
    }
    const [, number = "", rows] = /^GET \/exports\/(\d+)(\/rows)?$/.exec(route) ?? [];
    const id = Number(number);
    if (exports[id - firstId] === undefined) return send(response, 404, { error: "no such thing" });
    if (rows !== undefined) return sendRows(Number(url.searchParams.get("after") ?? 0), pages, response);
    questions.set(id, (questions.get(id) ?? -1) + 1);
    send(response, 200, exportState(id, questions.get(id) ?? 0));
  };
  const server = createServer((request, response) => {
    // the body says nothing that the stand-in would need
    request.resume().on("end", () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // a command ends although the CRM still listens
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, exports, close: () => void server.close() };
}

function exportState(id: number, question: number): object {
  const status = states[Math.min(question, states.length - 1)];
  return status === "success" ? { id, status, rows: contacts.length } : { id, status };
}

function sendRows(after: number, pages: { hasPaused: boolean }, response: ServerResponse): void {
  if (after === 100 && !pages.hasPaused) {
    pages.hasPaused = true;
    response.setHeader("retry-after", "0");
    return send(response, 429, { error: "too many requests" });
  }
  const items = contacts.slice(after, after + 100);
  const next = after + items.length < contacts.length ? String(after + items.length) : null;
  send(response, 200, { items, next });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
