// A service with surveys: a stand-in for a real one, which writes down what it was asked for. The first two times it cannot give one
// day of one survey; and one survey was deleted, but is still in the list.
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";

const surveys = [
  { id: 19, title: "Breakfast" },
  { id: 28, title: "Commuting" },
  { id: 77, title: "Draft" },
  { id: 89, title: "Weather" },
];
export interface SurveyService {
  readonly url: string;
  close(): void;
}

/** Listens on a port of its own. @param log the file with what was asked for, a line each; it is read, too, so it may be of an earlier time */
export async function startSurveyService(log: string): Promise<SurveyService> {
  mkdirSync(dirname(log), { recursive: true });
  const server = createServer((request, response) => answer(log, request, response));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  // a command ends although the service still listens
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

function answer(log: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", "http://surveys");
  if (url.pathname === "/surveys") return send(response, 200, surveys);
  const line = `${url.pathname}${url.search}`;
  appendFileSync(log, `${line}\n`);
  const times = readFileSync(log, "utf8")
    .split("\n")
    .filter((earlier) => earlier === line).length;
  const id = Number(/^\/surveys\/(\d+)\/data$/.exec(url.pathname)?.[1]);
  const day = url.searchParams.get("start") ?? "";
  if (id === 89) return send(response, 404, { error: "no such survey" });
  if (id === 28 && day === "2026-03-02" && times <= 2) return send(response, 500, { error: "try again later" });
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
