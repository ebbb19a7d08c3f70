// A summary of the contacts, for people.
import { mkdir, writeFile } from "node:fs/promises";
import { defineJob } from "millrace";

export default defineJob({
  name: "crm_report",
  inputs: ["contacts", "contacts_validation"],
  async execute(ctx) {
    const rows = await ctx.sql`
      select country, count(*) as contacts, 'contacts' as unit, sum(revenue) as revenue, max(changed_at) as newest
      from contacts group by country order by country`;
    const checked = await ctx.sql`select came, 'of', expected_rows, 'contacts came' from contacts_validation`;
    const lines = [...rows, ...checked].map((row) => Object.values(row).map(String).join("  "));
    await mkdir(ctx.path("out"), { recursive: true });
    await writeFile(ctx.path("out/report.txt"), `${lines.join("\n")}\n`);
  },
});
