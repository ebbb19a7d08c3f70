// A table of one Postgres database published to another: `node bench/services/postgres-millrace.ts <folder>`, with the addresses in
// BENCH_FROM_URL and BENCH_TO_URL. Prints the milliseconds of the publication.
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { lendVariables } from "../../src/connections/variables.ts";
import { createBenchRuns } from "../harness/bench-data.ts";

const [root = "."] = process.argv.slice(2);
lendVariables((name) => process.env[name]);
await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "128MB" });
const startedAtMs = performance.now();
const { rows } = await createBenchRuns(
  engine,
  root,
)(1).publish({
  source: { sql: { url: "env:BENCH_FROM_URL", table: "orders", parallel: 2 } },
  output: { dataset: "orders", postgres: { url: "env:BENCH_TO_URL" } },
});
console.log(JSON.stringify({ wallMs: performance.now() - startedAtMs, rows }));
