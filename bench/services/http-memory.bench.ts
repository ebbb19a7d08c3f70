// Memory of a process that reads a million rows of a service, as people start it: whether the rows come in 200 pages or in one must
// make no difference. A step that compares all rows with each other holds them, up to the limit of the engine.
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage, cliEntry, makeProject } from "../harness/built-package.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { startPageService, writeOnePage, writePages } from "./page-workload.ts";

const pageCount = Number(process.env["BENCH_HTTP_PAGES"] ?? 200);
const repetitions = 3;

export const bench: Bench = {
  name: "http-memory",
  description: "peak memory of `millrace run` with a million rows of a service, in one page of 200 MB and in 200 pages",
  hasServer: true,
  async run() {
    await buildPackage();
    await using folder = await createBenchFolder();
    const [pages, page] = [join(folder.path, "pages"), join(folder.path, "page")];
    await Promise.all([pages, page].map((path) => mkdir(path)));
    await writePages(pages, pageCount);
    await writeOnePage(page, pageCount);
    const peaks = { pages: [] as number[], page: [] as number[], dedupe: [] as number[] };
    for (let turn = 0; turn < repetitions; turn += 1) {
      peaks.pages.push(await peakOf(folder.path, { pages, count: pageCount, steps: [] }));
      peaks.page.push(await peakOf(folder.path, { pages: page, count: 1, steps: [] }));
      peaks.dedupe.push(await peakOf(folder.path, { pages, count: pageCount, steps: [{ dedupe: ["id"] }] }));
    }
    const inPages = { name: "in 200 pages", values: peaks.pages };
    return [
      { name: "in one page", unit: "MB", ours: peaks.page, peer: inPages, target: { kind: "ratio", atMost: 1.1 } },
      {
        name: "in 200 pages",
        unit: "MB",
        ours: peaks.pages,
        peer: { name: "in one page", values: peaks.page },
        target: { kind: "value", atMost: 300 },
      },
      {
        name: "in 200 pages, one row of each key",
        unit: "MB",
        ours: peaks.dedupe,
        peer: inPages,
        target: { kind: "value", atMost: 300 },
      },
    ];
  },
};

interface Reading {
  readonly pages: string;
  readonly count: number;
  readonly steps: readonly object[];
}

/** MB of a new process, with the memory limit of a project without configuration. */
async function peakOf(root: string, { pages, count, steps }: Reading): Promise<number> {
  const { service, url } = await startPageService(pages, count);
  try {
    const project = join(root, randomUUID());
    const convert = [
      { rename: { name: "customer" } },
      { cast: { amount: "DECIMAL(18,2)" } },
      { derive: { city: "upper(city)" } },
    ];
    const job = {
      name: "customers",
      source: {
        http: {
          url,
          query: { cursor: "{{page.cursor?}}" },
          pagination: { kind: "cursor", path: "next" },
          read: { rows: "data" },
        },
      },
      convert: [...convert, ...steps],
      output: { dataset: "customers", parquet: { path: "rows.parquet" } },
    };
    await makeProject(project, { "jobs/customers.job.json": JSON.stringify(job) });
    return runNodeWithPeakMemory([cliEntry, "run", "customers"], { cwd: project }).peakMb;
  } finally {
    service.kill();
    await once(service, "exit");
  }
}
