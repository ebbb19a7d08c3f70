// What became of the conversions, for people.
import { mkdir, writeFile } from "node:fs/promises";
import { defineJob } from "millrace";

export default defineJob({
  name: "upload_report",
  inputs: ["conversions", "conversions_errors", "conversions_validation"],
  async execute(ctx) {
    const rows = await ctx.sql`
      select customer_id, count(*) as sent, 'sent' as sent_unit, count(code) as refused, 'refused' as refused_unit,
        sum(case when code is null then value end) as value
      from conversions left join conversions_errors using (customer_id, gclid) group by customer_id order by customer_id`;
    const codes = await ctx.sql`select code, count(*) as n from conversions_validation group by code order by code`;
    const lines = [...rows, ...codes].map((row) => Object.values(row).map(String).join("  "));
    await mkdir(ctx.path("out"), { recursive: true });
    await writeFile(ctx.path("out/report.txt"), `${lines.join("\n")}\n`);
  },
});
