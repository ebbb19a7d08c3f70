// The same without a function: the key is named.
import { mapReduceJob } from "millrace";

export default mapReduceJob({
  name: "count_field",
  input: { files: "access.log" },
  key: { field: 6 },
  reduce: "count",
  output: { dataset: "by_field", parquet: { path: "out/count_field.parquet" } },
});
