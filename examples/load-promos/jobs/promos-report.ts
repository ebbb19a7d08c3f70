// What was loaded, and that all places have the same.
import { mkdir, writeFile } from "node:fs/promises";
import { defineJob } from "millrace";

export default defineJob({
  name: "promos_report",
  inputs: ["promo_deliveries", "promos", "promos_quarantine"],
  async execute(ctx) {
    const [row = {}] = await ctx.sql`
      select
        (select count(*) from promo_deliveries) as delivered,
        (select count(*) from promos_quarantine) as set_aside,
        (select count(*) from promos) as versions,
        (select count(distinct promo_id) from promos) as promotions,
        (select count(*) from promos where is_current) as current,
        (select sum(budget) from promos where is_current) as current_budget,
        (select count(*) from promos a join promos b
          on a.promo_id = b.promo_id and b.version = a.version + 1 and a.valid_to > b.valid_from) as overlaps`;
    const currencies =
      await ctx.sql`select currency, count(*) as versions from promos group by currency order by currency`;
    const { version, locations } = await ctx.data.dataset("promos");
    const lines = [
      ...Object.entries(row).map(([name, value]) => `${name.padEnd(16)}${String(value)}`),
      ...currencies.map(({ currency, versions }) => `${String(currency).padEnd(16)}${String(versions)}`),
      `${"loaded to".padEnd(16)}${locations.map(({ format }) => format).join(", ")}`,
      `${"loaded".padEnd(16)}${version} time${version === 1 ? "" : "s"}`,
    ];
    await mkdir(ctx.path("out"), { recursive: true });
    await writeFile(ctx.path("out/report.txt"), `${lines.join("\n")}\n`);
  },
});
