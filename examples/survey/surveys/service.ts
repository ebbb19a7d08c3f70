// A service with surveys: a stand-in for a real one, which listens on this machine for as long as the command runs. When it is
// asked for the first time ever, it cannot give one day of one survey; and one survey was deleted, but is still in the list.
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";

const surveys = [
  { id: 19, title: "Breakfast" },
  { id: 28, title: "Commuting" },
  { id: 77, title: "Draft" },
  { id: 89, title: "Weather" },
];
const folder = resolve(import.meta.dirname, "../out");
/** What the service was asked for, for the report. */
export const requestLog: string = resolve(folder, "requests.txt");
const isFirstDay = !existsSync(requestLog);

const server = createServer((request, response) => answer(request, response));
await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
// the command ends although the service still listens
server.unref();

/** The address of the service. */
export const surveyUrl: string = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", surveyUrl);
  if (url.pathname === "/surveys") return send(response, 200, surveys);
  mkdirSync(folder, { recursive: true });
  appendFileSync(requestLog, `${url.pathname}${url.search}\n`);
  const id = Number(/^\/surveys\/(\d+)\/data$/.exec(url.pathname)?.[1]);
  const day = url.searchParams.get("start") ?? "";
  if (id === 89) return send(response, 404, { error: "no such survey" });
  if (id === 28 && day === "2026-03-02" && isFirstDay) return send(response, 500, { error: "try again later" });
  const answers = Array.from({ length: (id % 7) + 1 }, (_, index) => ({
    person: index + 1,
    day,
    score: ((index + 1) * id) % 5,
  }));
  send(response, 200, { answers });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
