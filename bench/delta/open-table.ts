// A process that opens the Delta table in a folder once, of which the bench measures the memory.
// Usage: node open-table.ts <table>
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { openDeltaSnapshot } from "../../src/data/delta/delta-table.ts";
import { computeSettings } from "../data/duckdb-peer.ts";

const [table = ""] = process.argv.slice(2);
await using engine = createDuckDbEngine(computeSettings);
await using session = await engine.open();
console.log((await openDeltaSnapshot(table, { session })).files.length);
