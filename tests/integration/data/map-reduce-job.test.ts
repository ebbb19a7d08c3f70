import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { mapReduceJob } from "../../../src/data/jobs/map-reduce-job.ts";
import { createTestProject } from "../../../src/testing/test-project.ts";

const log = [
  '127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /a.html HTTP/1.1" 200 2326',
  '127.0.0.1 - - [10/Oct/2026:13:55:37 +0000] "GET /b.html HTTP/1.1" 200 11',
  '127.0.0.1 - - [10/Oct/2026:13:55:38 +0000] "GET /a.html HTTP/1.1" 404 7',
].join("\n");

const pageHits = mapReduceJob({
  name: "page_hits",
  input: { files: "logs/*" },
  map: (line, emit) => emit(line.field(6), 1),
  reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
  row: (page, hits) => ({ page, hits }),
  checks: [{ unique: ["page"] }],
  output: { dataset: "page_hits" },
});

test("lines of plain and packed files become a dataset, with figures and checks", async () => {
  await using project = await createTestProject({ files: { "logs/a.log": log, "logs/b.log.gz": gzipSync(log) } });
  const run = await project.run(pageHits);
  expect(run).toMatchObject({
    state: "FINISHED",
    result: { dataset: "page_hits", rows: 2, figures: { records: 6, keys: 2 } },
  });
  expect(await project.query("select page, hits from page_hits order by page", ["page_hits"])).toEqual([
    { page: "/a.html", hits: 4n },
    { page: "/b.html", hits: 2n },
  ]);
});

test("rows of a dataset are records, too, and lines that fail go to a dataset of their own", async () => {
  await using project = await createTestProject();
  await project.publish("orders", [
    { id: 1, city: "Ulm", price: 3 },
    { id: 2, city: "Bonn", price: 4 },
    { id: 3, city: "Ulm", price: 5 },
  ]);
  const totals = mapReduceJob({
    name: "totals",
    input: { dataset: "orders" },
    map: (order, emit) => {
      if (order["city"] === "Bonn") throw new Error("no such city");
      emit(String(order["city"]), Number(order["price"]));
    },
    reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
    badRecords: { deadLetter: "bad_orders" },
    output: { dataset: "totals" },
  });
  await project.run(totals);
  expect(await project.query("select * from totals", ["totals"])).toEqual([{ key: "Ulm", value: 8n }]);
  expect(await project.query("select file, starts_at, reason from bad_orders", ["bad_orders"])).toEqual([
    { file: "orders", starts_at: 1n, reason: "no such city" },
  ]);
});

test("without a key there is no row", async () => {
  await using project = await createTestProject({ files: { "logs/a.log": "" } });
  await expect(project.run(pageHits)).rejects.toMatchObject({ code: "SOURCE_EMPTY" });
});
