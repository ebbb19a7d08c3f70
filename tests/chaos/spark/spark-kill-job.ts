// A job of map and reduce that takes executors about three seconds, so that what happens meanwhile happens in it.
import { mapReduceJob } from "millrace";

const clock = new Int32Array(new SharedArrayBuffer(4));

function wait(ms: number): void {
  Atomics.wait(clock, 0, 0, ms);
}

export default mapReduceJob({
  name: "kill_pages",
  input: { files: "logs/*" },
  map: (line, emit) => {
    wait(0.8);
    emit(line.text(), 1);
  },
  // not one that combines, so that each key has its time
  reduce: (_page: string, hits: Iterable<number>) => {
    wait(1.5);
    return [...hits].reduce((sum, n) => sum + n, 0);
  },
  row: (page, hits) => ({ id: Number(page.split(" ")[1]), run: Number(page.split(" ")[0]), hits }),
  output: { dataset: "mapped" },
});
