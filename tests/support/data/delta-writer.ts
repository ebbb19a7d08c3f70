// A process that commits to a Delta table many times, for tests of concurrent writers.
// Usage: node delta-writer.ts <table> <append|merge> <writer> <commits>
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { publish } from "./delta-publish.ts";

const [tablePath = "", mode = "append", writer = "", commits = "0"] = process.argv.slice(2);

await using engine = createDuckDbEngine({ threads: 1, memoryLimit: "512MB" });
await using session = await engine.open();
for (let commit = 0; commit < Number(commits); commit += 1) await commitUntilDone(commit);

/** A conflict is clean: nothing was committed, and the run may be tried again. */
async function commitUntilDone(commit: number): Promise<void> {
  const runId = `${writer}-${commit}`;
  const counted = `select '${writer}' as writer, ${commit} as n`;
  for (;;) {
    try {
      await (mode === "append"
        ? publish(session, tablePath, counted, { runId })
        : publish(session, tablePath, `${counted} union all select 'both', ${commit}`, {
            mode: "merge",
            key: ["writer", "n"],
            runId,
          }));
      return;
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== "TARGET_CONFLICT") throw error;
    }
  }
}
