// Serves saved pages by a cursor, in a process of its own, so that its work is not counted: `node page-service.ts <folder> <pages>`.
// Prints its port.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const [folder = "", count = "0"] = process.argv.slice(2);
const pages = Array.from({ length: Number(count) }, (_, index) => readFileSync(join(folder, `page-${index}.json`)));

const server = createServer((request, response) => {
  const page = pages[Number(new URL(request.url ?? "", "http://x").searchParams.get("cursor") ?? 0)];
  response.writeHead(page === undefined ? 404 : 200, {
    "content-type": "application/json",
    "content-length": String(page?.length ?? 0),
  });
  response.end(page);
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
