// Three days of orders.
import { defineJob } from "millrace";
import { orders } from "../shop/catalog.ts";
import { orders as orderTopic } from "../topics.ts";

export default defineJob({
  name: "take_orders",
  async execute(ctx) {
    await ctx.produce(orderTopic, orders);
  },
});
