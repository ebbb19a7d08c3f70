// What came of it all, read from the topics, the dataset and the mailbox. `records` counts what is there and `distinct` what should be: a
// record too few or too many would show.
import { mkdir, writeFile } from "node:fs/promises";
import { defineJob, type JobContext } from "millrace";
import { readMailbox } from "../shop/service.ts";
import { mailbox } from "../shop/url.ts";
import { products, recommendations } from "../topics.ts";

export default defineJob({
  name: "shop_report",
  inputs: [products, recommendations, "daily_sales", "daily_sales__replay_1"],
  async execute(ctx) {
    const paragraphs = [
      ["products", ...(await listProducts(ctx))],
      ["recommendations", ...(await listRecommendations(ctx))],
      ["dashboard, batch by batch", ...(await listSales(ctx, "daily_sales"))],
      ["dashboard, replayed", ...(await listSales(ctx, "daily_sales__replay_1"))],
      ["mails", ...listMails()],
    ];
    await mkdir(ctx.path("out"), { recursive: true });
    await writeFile(ctx.path("out/report.txt"), `${paragraphs.map((lines) => lines.join("\n")).join("\n\n")}\n`);
  },
});

async function listProducts(ctx: JobContext): Promise<string[]> {
  const total = await ctx.sql`select count(*), 'records', count(distinct productId), 'distinct' from products`;
  const all = await ctx.sql`
    select productId, title, price, video, thumbnail, imageBytes from products order by productId`;
  return [...total, ...all].map(toLine);
}

async function listRecommendations(ctx: JobContext): Promise<string[]> {
  const total = await ctx.sql`select count(*), 'records', count(distinct orderId), 'distinct' from recommendations`;
  const all = await ctx.sql`
    select productId, count(*) as times, count(distinct userId) as people
    from recommendations group by productId order by productId`;
  return [...total, ...all].map(toLine);
}

async function listSales(ctx: JobContext, dataset: string): Promise<string[]> {
  const days = await ctx.sql(
    `select cast(day as varchar) as day, sum(orders) as orders, sum(pieces) as pieces, sum(revenue) as revenue
     from "${dataset}" group by day order by day`,
    [dataset],
  );
  return days.map(toLine);
}

function listMails(): string[] {
  const mails = readMailbox(mailbox);
  const counts = new Map<string, { mails: number; contents: Set<string> }>();
  for (const { sender, to, content } of mails) {
    const line = `${to}  ${sender}`;
    const count = counts.get(line) ?? { mails: 0, contents: new Set() };
    count.contents.add(content);
    counts.set(line, { ...count, mails: count.mails + 1 });
  }
  return [...counts].map(([line, { mails: sent, contents }]) => `${line}  ${sent}  ${contents.size} distinct`).toSorted();
}

function toLine(row: Readonly<Record<string, unknown>>): string {
  return Object.values(row).map(String).join("  ");
}
