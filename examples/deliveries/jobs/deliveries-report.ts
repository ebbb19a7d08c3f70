// A page of text about what is there, written anew after each delivery.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { defineJob } from "millrace";

export default defineJob({
  name: "deliveries_report",
  inputs: ["orders", "orders_quarantine", "daily_sales"],
  async execute(ctx) {
    const orders = await ctx.sql("select id, customer, day, total from orders order by id", ["orders"]);
    const sales = await ctx.sql("select day, orders, sales from daily_sales order by day", ["daily_sales"]);
    const aside = await ctx.sql(
      "select id, customer, array_to_string(_reasons, ', ') as reasons from orders_quarantine order by id",
      ["orders_quarantine"],
    );
    const { version } = await ctx.data.dataset("orders");
    const text = [
      `orders, version ${version}`,
      ...orders.map(toLine),
      "",
      "sales by day",
      ...sales.map(toLine),
      "",
      "set aside",
      ...aside.map(toLine),
      "",
    ].join("\n");
    const path = ctx.path("out/report.txt");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  },
});

function toLine(row: Readonly<Record<string, unknown>>): string {
  return `  ${Object.values(row).map(String).join("  ")}`;
}
