// The count as one query of DuckDB in a process of its own, with the memory that the job has:
// `node bench/mapreduce/count-ids-by-duckdb.ts <log> <output>`.
import { dirname } from "node:path";
import { quoteLiteral } from "../../src/compute/engine.ts";
import { flush, openDuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";

const [log = "", output = ""] = process.argv.slice(2);

using peer = await openDuckDbPeer();
await peer.run("set memory_limit = '256MB'");
await peer.run(`set temp_directory = ${quoteLiteral(`${output}.spill`)}`);
await peer.run("set preserve_insertion_order = false");
const startedAtMs = performance.now();
await peer.run(`copy (
  select key, count(*) as value
  from read_csv(${quoteLiteral(log)}, delim = ' ', header = false, auto_detect = false, columns = {key: 'varchar', value: 'varchar'})
  group by key
) to ${quoteLiteral(output)} (${parquetOptions})`);
await flush(output);
await flush(dirname(output));
console.log(JSON.stringify({ wallMs: performance.now() - startedAtMs }));
