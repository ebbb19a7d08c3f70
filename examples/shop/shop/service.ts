// Two services beside the shop, as a stand-in for real ones: one knows the addresses of people, the other delivers mail. A mail that comes
// again under the id it had before is delivered once, as services do that know idempotency keys.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { moves, registrations } from "./catalog.ts";

export interface ShopService {
  readonly url: string;
  close(): void;
}

/** Listens on a port of its own. @param mailbox the file of delivered mails, a line each; it may be of an earlier time */
export async function startShopService(mailbox: string): Promise<ShopService> {
  mkdirSync(dirname(mailbox), { recursive: true });
  const delivered = new Set(readMailbox(mailbox).map(({ id }) => id));
  const addresses = new Map([...registrations, ...moves].map(({ id, email }) => [id, email]));
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => answer({ request, body, addresses, mailbox, delivered }, response));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  // a command ends although the service still listens
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

export interface DeliveredMail {
  /** The id under which it was sent. */
  readonly id: string;
  /** The job that sent it. */
  readonly sender: string;
  readonly to: string;
  readonly content: string;
}

/** What has been delivered, in the order in which it came. */
export function readMailbox(mailbox: string): readonly DeliveredMail[] {
  if (!existsSync(mailbox)) return [];
  const lines = readFileSync(mailbox, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as DeliveredMail);
}

interface Question {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly addresses: ReadonlyMap<string, string>;
  readonly mailbox: string;
  readonly delivered: Set<string>;
}

function answer({ request, body, addresses, mailbox, delivered }: Question, response: ServerResponse): void {
  const url = new URL(request.url ?? "", "http://shop");
  if (url.pathname === "/users") {
    const ids = (url.searchParams.get("ids") ?? "").split(",");
    return send(response, Object.fromEntries(ids.flatMap((id) => toEntry(id, addresses.get(id)))));
  }
  const mail = JSON.parse(body) as DeliveredMail;
  if (!delivered.has(mail.id)) {
    delivered.add(mail.id);
    appendFileSync(mailbox, `${JSON.stringify(mail)}\n`);
  }
  send(response, { delivered: true });
}

function toEntry(id: string, email: string | undefined): [string, string][] {
  return email === undefined ? [] : [[id, email]];
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
