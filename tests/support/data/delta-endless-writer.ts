// A process that commits to a Delta table until it is killed, recording its intents as a run does and telling each on stdout.
// Usage: node delta-endless-writer.ts <table> <journal>
import { appendFile } from "node:fs/promises";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { publish } from "./delta-publish.ts";

const [tablePath = "", journal = ""] = process.argv.slice(2);

await using engine = createDuckDbEngine({ threads: 1, memoryLimit: "512MB" });
await using session = await engine.open();
for (let commit = 0; ; commit += 1) {
  await publish(session, tablePath, `select '${process.pid}-${commit}' as id, i % 3 as p from range(9) t(i)`, {
    mode: commit % 7 === 6 ? "replace" : "append",
    partitionBy: ["p"],
    onIntent: async (names, baseVersion) => {
      await appendFile(journal, `${JSON.stringify({ names, baseVersion })}\n`, { flush: true });
      process.stdout.write("intent\n");
    },
  });
}
