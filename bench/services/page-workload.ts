// A table of 8 columns in pages behind a cursor: as files, as a service, and as what Millrace makes of it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Engine } from "../../src/compute/engine.ts";
import { createBenchRuns } from "../harness/bench-data.ts";

export const rowsPerPage = 5_000;

/** What becomes of the rows. */
export const convertPages = `select id, name as customer, cast(amount as decimal(18,2)) as amount, upper(city) as city, active, created_at, email, note from`;

/** Writes the pages of a table as files. */
export async function writePages(folder: string, pageCount: number): Promise<void> {
  for (let page = 0; page < pageCount; page += 1) {
    const data = Array.from({ length: rowsPerPage }, (_, index) => toRow(page * rowsPerPage + index));
    const next = page + 1 < pageCount ? String(page + 1) : null;
    await writeFile(join(folder, `page-${page}.json`), JSON.stringify({ next, data }));
  }
}

/** Writes as many rows as one page, which is the only one. */
export async function writeOnePage(folder: string, pageCount: number): Promise<void> {
  const file = await open(join(folder, "page-0.json"), "w");
  for (let page = 0; page < pageCount; page += 1) {
    const rows = Array.from({ length: rowsPerPage }, (_, index) => JSON.stringify(toRow(page * rowsPerPage + index)));
    await file.write(`${page === 0 ? '{"next":null,"data":[' : ","}${rows.join(",")}`);
  }
  await file.write("]}");
  await file.close();
}

function toRow(id: number): object {
  return {
    id,
    name: `customer number ${(id * 7_919) % 100_003}`,
    email: `user${id}@example.com`,
    amount: ((id * 37) % 1_000_000) / 100,
    active: id % 3 === 0,
    created_at: new Date(1_700_000_000_000 + id * 61_000).toISOString(),
    city: ["Berlin", "Paris", "Oslo", "Kyoto"][id % 4],
    note: `lorem ipsum dolor sit ${id % 1_000}`,
  };
}

/** Serves the pages in a process of its own. */
export async function startPageService(
  folder: string,
  pageCount: number,
): Promise<{ readonly service: ChildProcess; readonly url: string }> {
  const script = join(import.meta.dirname, "page-service.ts");
  const service = spawn(process.execPath, [script, folder, String(pageCount)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: service.stdout });
  const [port] = (await once(lines, "line")) as [string];
  return { service, url: `http://127.0.0.1:${port}/rows` };
}

/** Reads all pages and publishes their rows as Parquet. */
export async function publishPages(engine: Engine, root: string, url: string): Promise<number> {
  await mkdir(root, { recursive: true });
  const { rows } = await createBenchRuns(
    engine,
    root,
  )(1).publish({
    source: {
      http: {
        url,
        query: { cursor: "{{page.cursor?}}" },
        pagination: { kind: "cursor", path: "next" },
        read: { rows: "data" },
      },
    },
    sql: `${convertPages} source`,
    output: { dataset: "customers", parquet: { path: "rows.parquet" } },
  });
  return rows;
}
