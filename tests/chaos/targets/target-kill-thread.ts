// Kills its process as soon as the files of a folder with a certain end have a size.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { workerData } from "node:worker_threads";

const { folder, suffix, bytes } = workerData as {
  readonly folder: string;
  readonly suffix: string;
  readonly bytes: number;
};
const pause = new Int32Array(new SharedArrayBuffer(4));
while (sizeNow() < bytes) Atomics.wait(pause, 0, 0, 1);
process.kill(process.pid, "SIGKILL");

function sizeNow(): number {
  try {
    return Math.max(
      0,
      ...readdirSync(folder)
        .filter((name) => name.endsWith(suffix))
        .map((name) => statSync(join(folder, name)).size),
    );
  } catch {
    return 0; // it was removed meanwhile
  }
}
