// The `deltalake` package of PyPI in a Python process that stays, so that neither its start nor its imports count.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensureDeltaPython } from "../../tests/services/deltalake/delta-rs.ts";

export interface DeltaLakePeer extends AsyncDisposable {
  /** Opens the table and reads the rows of a query over it as `t`, or without a query lists its files with their statistics. */
  read(order: { readonly table: string; readonly sql?: string }): Promise<DeltaLakeRead>;
}

export interface DeltaLakeRead {
  /** As the process itself measured. */
  readonly ms: number;
  readonly rows: number;
}

export async function openDeltaLakePeer(): Promise<DeltaLakePeer> {
  const script = join(import.meta.dirname, "../peers/delta_reader.py");
  const python = spawn(await ensureDeltaPython(), [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    async read(order) {
      python.stdin.write(`${JSON.stringify(order)}\n`);
      const answer = await lines.next();
      if (answer.done === true) throw new Error("the deltalake process ended before its answer");
      return JSON.parse(answer.value) as DeltaLakeRead;
    },
    async [Symbol.asyncDispose]() {
      if (python.exitCode !== null) return;
      const exit = once(python, "exit");
      python.kill("SIGKILL"); // its native threads abort it now and then when it ends by itself
      await exit;
    },
  };
}
