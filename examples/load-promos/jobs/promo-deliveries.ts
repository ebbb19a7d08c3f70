// What the shop delivers, as a file that others load.
import { defineJob, z } from "millrace";
import { selectDeliveries } from "./_deliveries.ts";

export default defineJob({
  name: "promo_deliveries",
  outputs: ["promo_deliveries"],
  params: z.object({ rows: z.int().min(5).default(2_000) }),
  async execute(ctx) {
    const output = { dataset: "promo_deliveries", parquet: { path: "out/deliveries/promos.parquet" } };
    const { rows: delivered } = await ctx.data.publish({ sql: selectDeliveries(ctx.params.rows), output });
    return { delivered };
  },
});
