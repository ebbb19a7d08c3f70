// Sums up the same stream of orders by the batch: what has come in a day, or 200 records if that is earlier. `millrace replay dashboard`
// reads the stream again from its start, with the same code.
import { streamJob } from "millrace";
import { orders } from "../topics.ts";

export default streamJob({
  name: "dashboard",
  topic: orders,
  batch: { records: 200, cron: "0 0 * * *" },
  outputs: ["daily_sales"],
  async handle(_batch, ctx) {
    await ctx.data.publish({
      sql: `select cast(orderedAt as date) as day, count(*) as orders, sum(quantity) as pieces, sum(total) as revenue
        from batch group by day`,
      output: { dataset: "daily_sales", mode: "append" },
    });
  },
});
