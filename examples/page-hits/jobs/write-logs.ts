// Writes the access log of a shop, in one plain part and one packed part, and keeps what was written in it for the report.
import { writeFile } from "node:fs/promises";
import { defineJob } from "millrace";
import { writeAccessLog } from "../logs/write-access-log.ts";

export default defineJob({
  name: "write_logs",
  purpose: "ingestion",
  async execute(ctx) {
    const parts = [
      { name: "access-1.log", bytes: 36_000_000 },
      { name: "access-2.log.gz", bytes: 6_000_000 },
    ];
    const { lines, badLines } = await writeAccessLog(ctx.path("out/logs"), parts, { seed: 2026 });
    await writeFile(ctx.path("out/logs/written.json"), JSON.stringify({ lines, badLines }));
    return { lines, badLines };
  },
});
