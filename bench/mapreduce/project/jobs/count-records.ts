// Lines of `access.log` counted by path, with a function that sees a line as fields.
import { mapReduceJob } from "millrace";

export default mapReduceJob({
  name: "count_records",
  input: { files: "access.log" },
  map: (line, emit) => emit(line.field(6), 1),
  reduce: { init: 0, add: (sum: number, more: number) => sum + more, merge: (a: number, b: number) => a + b },
  output: { dataset: "by_record", parquet: { path: "out/count_records.parquet" } },
});
