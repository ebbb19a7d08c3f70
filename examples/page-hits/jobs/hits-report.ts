// Whether all ways came to the same, and what that is.
import { readFile, writeFile } from "node:fs/promises";
import { defineJob } from "millrace";
import { countNaively } from "../logs/write-access-log.ts";

export default defineJob({
  name: "hits_report",
  inputs: ["page_hits", "page_hits_declared", "broken_lines"],
  async execute(ctx) {
    const written = await readFile(ctx.path("out/logs/written.json"), "utf8");
    const naive = await countNaively([ctx.path("out/logs/access-1.log"), ctx.path("out/logs/access-2.log.gz")]);
    const [totals] = await ctx.sql`
      select count(*) as pages, sum(hits)::bigint as hits, (select count(*) from broken_lines) as broken,
        (select count(*) from ((from page_hits except from page_hits_declared) union all
          (from page_hits_declared except from page_hits))) as differences
      from page_hits`;
    const top = await ctx.sql`select page, hits from page_hits order by hits desc, page limit 5`;
    const isSame = top.every(({ page, hits }) => naive.hits.get(String(page)) === Number(hits));
    const lines = [
      `written: ${written}`,
      ...Object.entries(totals ?? {}).map(([name, value]) => `${name}: ${String(value)}`),
      `the slow count comes to the same: ${isSame && naive.hits.size === Number(totals?.["pages"])}`,
      ...top.map(({ page, hits }) => `${String(hits)}  ${String(page)}`),
    ];
    await writeFile(ctx.path("out/report.txt"), `${lines.join("\n")}\n`);
  },
});
