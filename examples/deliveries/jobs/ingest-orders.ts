// One delivery a day: new orders are added, corrected ones replaced, and rows that break a rule set aside with the reason.
import { defineJob, z } from "millrace";

export default defineJob({
  name: "ingest_orders",
  purpose: "ingestion",
  layer: "bronze",
  params: z.object({ day: z.iso.date() }),
  outputs: ["orders", "orders_quarantine"],
  async execute(ctx) {
    const { day } = ctx.params;
    const { rows, quarantined, changed } = await ctx.data.publish({
      source: { file: { path: `inbox/${day}.csv` } },
      sql: "select *, cast(ordered_at as date) as day from source",
      checks: [
        { pattern: { email: ".+@.+" }, severity: "quarantine", name: "email_is_an_address" },
        { range: { total: { min: 0 } }, severity: "quarantine", name: "total_is_positive" },
        { unique: ["id"] },
      ],
      output: { dataset: "orders", mode: "merge", key: ["id"] },
    });
    // A delivery that comes again must not move the mark back.
    const last = await ctx.watermark().load();
    if (last === undefined || day > last) await ctx.watermark().advance(day);
    return { rows, quarantined, changed };
  },
});
