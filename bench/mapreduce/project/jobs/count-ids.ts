// Lines of `ids.log` counted by a key that nearly each line has for itself, in less memory than they take.
import { mapReduceJob } from "millrace";

export default mapReduceJob({
  name: "count_ids",
  input: { files: "ids.log" },
  map: (line, emit) => emit(line.field(0), 1),
  reduce: { init: 0, add: (sum: number, more: number) => sum + more, merge: (a: number, b: number) => a + b },
  memory: "256MB",
  output: { dataset: "by_id", parquet: { path: "out/count_ids.parquet" } },
});
