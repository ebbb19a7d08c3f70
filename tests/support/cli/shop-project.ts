// A small project with a bit of everything that the read commands show: quarantined rows, warnings, units, a retry,
// a failed check. After its runs their times are set to fixed ones, so that what is printed is the same at every run.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createCommandLine } from "./command-line.ts";
import { writeInsideProject } from "./inside-project.ts";

const files: Readonly<Record<string, string>> = {
  "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({ slots: 1, compute: { threads: 1, memoryLimit: "256MB" } });
`,
  "raw/orders.csv": "id,day,amount\n1,2026-01-01,10\n2,2026-01-01,20\n3,2026-01-02,-5\n4,2026-01-02,40\n",
  "pipelines/shop.ts": `import { integrationJob, defineJob, JobPipeline, MillraceError, sqlJob } from "millrace";

const ingestOrders = integrationJob({
  name: "ingest_orders",
  description: "orders as the shop delivers them",
  layer: "bronze",
  source: { file: { path: "raw/orders.csv" } },
  checks: [{ notNull: ["id"] }, { range: { amount: { min: 0 } }, severity: "quarantine" }],
  output: { dataset: "orders" },
});

const salesByDay = sqlJob({
  name: "sales_by_day",
  layer: "gold",
  inputs: ["orders"],
  sql: "select day, cast(sum(amount) as bigint) as sales, count(*) as orders from orders group by day order by day",
  checks: [{ unique: ["day"] }, { rowCount: { min: 3 }, severity: "warn" }],
  output: { dataset: "sales_by_day", parquet: { path: "out/sales.parquet" }, sqlite: { path: "out/shop.sqlite" } },
});

const notifyShops = defineJob({
  name: "notify_shops",
  description: "tells each shop what it sold",
  purpose: "egression",
  layer: "gold",
  inputs: ["sales_by_day"],
  retry: { maxRetries: 1, baseDelay: "1ms", jitter: false },
  async execute(ctx) {
    ctx.log.info("notifying", { shops: 3, attempt: ctx.run.attempt });
    if (ctx.run.attempt === 1) throw new MillraceError("JOB_FAILED_TRANSIENT", "the mail server is busy", { hint: "wait a little" });
    await ctx.each(["north", "south", "west"], { key: (shop) => shop, onItemError: "continue" }, async (shop) => {
      if (shop === "south") throw new Error("no such mailbox");
      ctx.log.debug(\`told \${shop}\`);
    });
    ctx.log.warn("one shop\\nwas not told");
  },
});

export default new JobPipeline("shop", { description: "from orders to sales" })
  .addJob(ingestOrders)
  .addJob(salesByDay)
  .addJob(notifyShops);
`,
  "pipelines/returns.ts": `import { defineJob, integrationJob, JobPipeline } from "millrace";

const ingestReturns = integrationJob({
  name: "ingest_returns",
  source: { file: { path: "raw/orders.csv" } },
  checks: [{ range: { amount: { min: 0 } } }],
  output: { dataset: "returns" },
});

const countReturns = defineJob({ name: "count_returns", inputs: ["returns"], execute: () => undefined });

export default new JobPipeline("returns").addJob(ingestReturns).addJob(countReturns);
`,
};

export interface ShopProject extends AsyncDisposable {
  readonly path: string;
  /** Text without what differs between machines and runs. */
  normalise(text: string): string;
}

/** The instant at which the fixed history was made. */
export const shopHistoryAtMs: number = Date.UTC(2026, 0, 15, 12, 0, 0);

/** The project after three runs: `shop` twice, the second unchanged, and `returns`, which fails. */
export async function createShopProject({ runs = true }: { runs?: boolean } = {}): Promise<ShopProject> {
  const path = await writeInsideProject(files);
  if (runs) await makeHistory(path);
  return {
    path,
    normalise: (text) =>
      text
        .replaceAll(path, "<project>")
        .replaceAll(/ bytes=\d+/g, " bytes=<n>")
        .replaceAll(/"bytes": \d+/g, '"bytes": "<n>"')
        .replaceAll(/"(cpu_ms|peak_memory_bytes|store_calls|store_ms)": [\d.]+/g, '"$1": "<n>"')
        .replaceAll(/\b\d+\.\d [kMGT]B\b/g, "<size>")
        .replaceAll(/\b(v|SQLite |DuckDB v)\d+\.\d+\.\d+( on \w+ \w+)?/g, "$1<version>"),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function makeHistory(path: string): Promise<void> {
  const commandLine = createCommandLine(path);
  const window = ["--from", "2026-01-01", "--to", "2026-01-03"];
  for (const args of [["shop", "-p", "region=north", ...window], ["shop"], ["returns"]]) {
    const { stdout, stderr } = await commandLine.run("run", ...args);
    // The third run fails, as it should; only one that ended says so on stdout.
    if (!/^run r\d+ /m.test(stdout)) throw new Error(`the run of ${args.join(" ")} did not end: ${stderr}`);
  }
  fixTimes(join(path, ".millrace/store.db"));
}

// Each run begins a second after the one before; what happens in it follows by tenths.
function fixTimes(store: string): void {
  using database = new DatabaseSync(store);
  const start = (run: string): string => `${shopHistoryAtMs} + ${run} * 1000`;
  database.exec(`
    update run set created_at = ${start("id")}, created_by = 'ada';
    update attempt_log set started_at = ${start("run_id")} + epoch * 100, ended_at = ${start("run_id")} + epoch * 100 + 40;
    update pipeline_start set started_at = ${start("run_id")} + 100;
    update outcome set finished_at = ${start("run_id")} + 1500;
    update event set at = ${start("run_id")} + seq * 100;
    update log set at = ${start("run_id")} + seq * 100 + 7;
    update progress set at = ${start("run_id")} + 900;
    update worker set name = 'host:1';
    update event set data = json_replace(data, '$.worker', 'host:1', '$.createdBy', 'ada', '$.runAtMs', at + 50)
      where data is not null;
  `);
}
