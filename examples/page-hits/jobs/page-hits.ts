// Hits by page, with functions of one's own: for what no query says. Lines are seen as bytes; a text is made only of what is asked for.
import { mapReduceJob } from "millrace";

const methods = ['"GET', '"HEAD', '"POST'];

export default mapReduceJob({
  name: "page_hits",
  input: { files: "out/logs/access-*" },
  map: (line, emit) => {
    const method = line.field(5);
    const isWhole = methods.some((known) => method.equals(known)) && line.field(7).equals('HTTP/1.1"');
    if (!isWhole || line.field(8).length !== 3) throw new Error("the line is not whole");
    emit(line.field(6), 1);
  },
  reduce: { init: 0, add: (hits: number, more: number) => hits + more, merge: (a: number, b: number) => a + b },
  row: (page, hits) => ({ page, hits }),
  badRecords: { deadLetter: "broken_lines", most: 10_000 },
  output: { dataset: "page_hits", parquet: { path: "out/page_hits.parquet" } },
});
