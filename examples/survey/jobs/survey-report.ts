// What was asked for and what came, one paragraph for each run.
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { defineJob } from "millrace";
import { requestLog } from "../surveys/url.ts";

export default defineJob({
  name: "survey_report",
  inputs: ["survey_answers"],
  async execute(ctx) {
    const report = ctx.path("out/report.txt");
    const requests = (await readFile(requestLog, "utf8")).trimEnd().split("\n");
    const told = (await readFile(report, "utf8").catch(() => "")).split("\n").filter((line) => line.startsWith("/"));
    const days = await ctx.sql`
      select day::varchar as day, count(*) as answers, sum(score) as score from survey_answers group by day order by day`;
    const lines = [
      ...requests.slice(told.length).toSorted(),
      ...days.map((row) => Object.values(row).map(String).join("  ")),
    ];
    await mkdir(ctx.path("out"), { recursive: true });
    await appendFile(report, `${lines.join("\n")}\n\n`);
  },
});
