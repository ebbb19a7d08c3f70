// The same with a function that sees bytes.
import { mapReduceJob } from "millrace";

const space = 32;

export default mapReduceJob({
  name: "count_bytes",
  input: { files: "access.log" },
  mapBytes: (buffer, start, end, emit) => {
    let at = start;
    for (let field = 0; field < 6; field += 1) {
      while (at < end && buffer[at] !== space) at += 1;
      at += 1;
    }
    const from = at;
    while (at < end && buffer[at] !== space) at += 1;
    if (from < end) emit(from, at, 1);
  },
  reduce: { init: 0, add: (sum: number, more: number) => sum + more, merge: (a: number, b: number) => a + b },
  output: { dataset: "by_byte", parquet: { path: "out/count_bytes.parquet" } },
});
