// A CRM that makes exports: a stand-in for a real one, which listens on this machine for as long as the command runs. It asks for
// a token, works on an export for a while, gives its rows in pages, and once asks for a pause in between.
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
let questions = 0;
let hasPaused = false;

const server = createServer((request, response) => {
  // the body says nothing that the stand-in would need
  request.resume().on("end", () => answer(request, response));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
// the command ends although the CRM still listens
server.unref();

/** The address of the CRM. */
export const crmUrl: string = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", crmUrl);
  const route = `${request.method} ${url.pathname}`;
  if (route === "POST /oauth/token") return send(response, 200, { access_token: token, expires_in: 3600 });
  if (request.headers.authorization !== `Bearer ${token}`) return send(response, 401, { error: "who are you?" });
  if (route === "POST /exports") return send(response, 201, { id: 1234, status: states[0] });
  if (route === "GET /exports/1234") return send(response, 200, exportState());
  if (route === "GET /exports/1234/rows") return sendRows(Number(url.searchParams.get("after") ?? 0), response);
  send(response, 404, { error: "no such thing" });
}

function exportState(): object {
  const status = states[Math.min(questions, states.length - 1)];
  questions += 1;
  return status === "success" ? { id: 1234, status, rows: contacts.length } : { id: 1234, status };
}

function sendRows(after: number, response: ServerResponse): void {
  if (after === 100 && !hasPaused) {
    hasPaused = true;
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
