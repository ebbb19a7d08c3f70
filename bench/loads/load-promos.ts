// Promotions of the example, loaded to three places: `node bench/loads/load-promos.ts <folder>`, with deliveries in the folder and the
// address of a database in BENCH_TO_URL. Prints the milliseconds of the load, and those that Postgres had a part in.
import { transformPromotions } from "../../examples/load-promos/dwh/jobs/load_promos/_promotion_transformer.ts";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { lendVariables } from "../../src/connections/variables.ts";
import type { JobContext } from "../../src/core/job/job-context.ts";
import { loadJob } from "../../src/loads/load-job.ts";
import { createBenchRuns } from "../harness/bench-data.ts";

const [root = "."] = process.argv.slice(2);
lendVariables((name) => process.env[name]);
await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "256MB" });
const moments = new Map<string, number>();
const startedAtMs = performance.now();
const runs = createBenchRuns(engine, root, (name) => void moments.set(name, performance.now()));
const job = loadJob({
  name: "load_promos_job",
  extractor_config: { strategy: "PARQUET", source_table: "deliveries.parquet" },
  unity_loader_config: { strategy: "DELTA", path: "lake/promos" },
  stage_loader_config: { strategy: "PARQUET", path: "stage/promos.parquet" },
  redshift_loader_config: { strategy: "POSTGRES", jdbc_url: "${env:BENCH_TO_URL}" },
  transform: transformPromotions,
  checks: [{ unique: ["promo_id", "version"] }, { notNull: ["valid_from", "valid_to"] }],
  output: { dataset: "promos" },
});
const step = async (_: string, work: () => unknown): Promise<unknown> => await work();
const log = { info: () => undefined, warn: () => undefined };
await job.execute({ data: runs(1), step, log } as unknown as JobContext);
const wallMs = performance.now() - startedAtMs;
const copyMs = (moments.get("postgres:committed") ?? 0) - (moments.get("postgres:publishing") ?? 0);
console.log(JSON.stringify({ wallMs, copyMs }));
