// How many files were downloaded, how often, and what is in them.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { defineJob } from "millrace";
import { downloadLog } from "../archive/url.ts";

export default defineJob({
  name: "archive_report",
  inputs: ["archive_rows"],
  async execute(ctx) {
    const downloads = (await readFile(downloadLog, "utf8")).trimEnd().split("\n");
    const [row = {}] = await ctx.sql`
      select count(*) as rows, count(distinct meter) as meters, sum(value) as value from archive_rows`;
    const lines = [
      `downloads  ${downloads.length}`,
      `files  ${new Set(downloads).size}`,
      ...Object.entries(row).map(([name, value]) => `${name}  ${String(value)}`),
    ];
    await mkdir(ctx.path("out"), { recursive: true });
    await writeFile(ctx.path("out/report.txt"), `${lines.join("\n")}\n`);
  },
});
