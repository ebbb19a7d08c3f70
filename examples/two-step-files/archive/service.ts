// An archive of 1,000 CSV files, some of them compressed: a stand-in for a real one, which writes down what was downloaded.
import { appendFileSync, mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";

const names = Array.from({ length: 1_000 }, (_, index) => `meters/${String(index).padStart(4, "0")}.csv`);

export interface ArchiveService {
  readonly url: string;
  close(): void;
}

/** Listens on a port of its own. @param log the file that gets a line for each download */
export async function startArchiveService(log: string): Promise<ArchiveService> {
  mkdirSync(dirname(log), { recursive: true });
  const server = createServer((request, response) => answer(log, request, response));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  // a command ends although the archive still listens
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

function answer(log: string, request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? "", "http://archive").pathname.slice(1);
  if (path === "files") {
    response.writeHead(200, { "content-type": "application/json" });
    return void response.end(
      JSON.stringify({ files: names.map((name) => ({ path: name, bytes: contentOf(name).length })) }),
    );
  }
  const name = decodeURIComponent(path);
  if (!names.includes(name)) return void response.writeHead(404).end();
  appendFileSync(log, `${name}\n`);
  const isPacked = names.indexOf(name) % 2 === 1;
  response.writeHead(200, { "content-type": "text/csv", ...(isPacked ? { "content-encoding": "gzip" } : {}) });
  response.end(isPacked ? gzipSync(contentOf(name)) : contentOf(name));
}

function contentOf(name: string): string {
  const meter = names.indexOf(name);
  const rows = Array.from({ length: 3 }, (_, hour) => `${meter},2026-03-01 0${hour}:00:00,${(meter * 7 + hour) % 100}`);
  return `meter,at,value\n${rows.join("\n")}\n`;
}
