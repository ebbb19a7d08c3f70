// A process that has a DuckDB file open until its standard input ends: node hold-duckdb.ts <path>
import { once } from "node:events";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";

await using engine = createDuckDbEngine({ threads: 1 });
await using session = await engine.open();
await session.execute(`attach '${process.argv[2] ?? ""}' as held`);
process.stdout.write("open\n");
process.stdin.resume();
await once(process.stdin, "end");
