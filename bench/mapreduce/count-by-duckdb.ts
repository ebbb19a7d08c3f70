// The count as one query of DuckDB in a process of its own: `node bench/mapreduce/count-by-duckdb.ts <log> <output>`. The ten columns of a
// line have their types said, and what was counted is in a flushed file of Parquet, where a job has it, too.
import { dirname } from "node:path";
import { quoteLiteral } from "../../src/compute/engine.ts";
import { flush, openDuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";

const [log = "", output = ""] = process.argv.slice(2);
const columns = {
  address: "varchar",
  ident: "varchar",
  who: "varchar",
  day: "varchar",
  zone: "varchar",
  request: "varchar",
  status: "integer",
  bytes: "bigint",
  referrer: "varchar",
  agent: "varchar",
};
const types = Object.entries(columns).map(([name, type]) => `${name}: ${quoteLiteral(type)}`);

using peer = await openDuckDbPeer();
const startedAtMs = performance.now();
await peer.run(`copy (
  select split_part(request, ' ', 2) as key, count(*) as value
  from read_csv(${quoteLiteral(log)}, delim = ' ', quote = '"', header = false, auto_detect = false, columns = {${types.join(", ")}})
  group by key
) to ${quoteLiteral(output)} (${parquetOptions})`);
await flush(output);
await flush(dirname(output));
console.log(JSON.stringify({ wallMs: performance.now() - startedAtMs }));
