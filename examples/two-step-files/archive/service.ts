// An archive of 1,000 CSV files, some of them compressed: a stand-in for a real one, which listens on this machine for as long as the
// command runs and writes down what was downloaded.
import { appendFileSync, mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

const names = Array.from({ length: 1_000 }, (_, index) => `meters/${String(index).padStart(4, "0")}.csv`);
const folder = resolve(import.meta.dirname, "../out");
/** The downloads, for the report. */
export const downloadLog: string = resolve(folder, "downloads.txt");

const server = createServer((request, response) => answer(request, response));
await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
// the command ends although the archive still listens
server.unref();

/** The address of the archive. */
export const archiveUrl: string = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? "", archiveUrl).pathname.slice(1);
  if (path === "files") {
    response.writeHead(200, { "content-type": "application/json" });
    return void response.end(
      JSON.stringify({ files: names.map((name) => ({ path: name, bytes: contentOf(name).length })) }),
    );
  }
  const name = decodeURIComponent(path);
  if (!names.includes(name)) return void response.writeHead(404).end();
  mkdirSync(folder, { recursive: true });
  appendFileSync(downloadLog, `${name}\n`);
  const isPacked = names.indexOf(name) % 2 === 1;
  response.writeHead(200, { "content-type": "text/csv", ...(isPacked ? { "content-encoding": "gzip" } : {}) });
  response.end(isPacked ? gzipSync(contentOf(name)) : contentOf(name));
}

function contentOf(name: string): string {
  const meter = names.indexOf(name);
  const rows = Array.from({ length: 3 }, (_, hour) => `${meter},2026-03-01 0${hour}:00:00,${(meter * 7 + hour) % 100}`);
  return `meter,at,value\n${rows.join("\n")}\n`;
}
