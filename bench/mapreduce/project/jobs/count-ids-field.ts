// The same without a function: the key is named.
import { mapReduceJob } from "millrace";

export default mapReduceJob({
  name: "count_ids_field",
  input: { files: "ids.log" },
  key: { field: 0 },
  reduce: "count",
  memory: "256MB",
  output: { dataset: "by_id_field", parquet: { path: "out/count_ids_field.parquet" } },
});
