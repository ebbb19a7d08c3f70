// What came of it all, read from the topics, the dataset and the mailbox. `records` counts what is there and `distinct` what should be: a
// record too few or too many would show.
import { mkdir, writeFile } from "node:fs/promises";
import { dataset, defineJob, type JobContext } from "millrace";
import { readMailbox } from "../shop/service.ts";
import { mailbox } from "../shop/url.ts";
import { products, recommendations } from "../topics.ts";

export default defineJob({
  name: "shop_report",
  inputs: [products, recommendations, "daily_sales", dataset("daily_sales__replay_1", { external: true })],
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

async function listSales(ctx: JobContext, name: string): Promise<string[]> {
  const days = await ctx.sql(
    `select cast(day as varchar) as day, sum(orders) as orders, sum(pieces) as pieces, sum(revenue) as revenue
     from ${name} group by day order by day`,
    [name],
  );
  return days.map(toLine);
}

function listMails(): string[] {
  const mails = readMailbox(mailbox);
  const sentBy = (job: string): Set<string> =>
    new Set(mails.filter(({ sender }) => sender === job).map(({ to, content }) => `${to}: ${content}`));
  const fromStore = sentBy("mail_by_store");
  const both = [...sentBy("mail_by_lookup")].filter((mail) => fromStore.has(mail));
  const lines = new Map<string, number>();
  for (const { sender, to } of mails) {
    const line = `${to}  ${sender}`;
    lines.set(line, (lines.get(line) ?? 0) + 1);
  }
  const counts = [...lines].map(([line, sent]) => `${line}  ${sent}`).toSorted();
  return [`${mails.length}  mails  ${both.length}  sent by both with the same words`, ...counts];
}

function toLine(row: Readonly<Record<string, unknown>>): string {
  return Object.values(row).map(String).join("  ");
}
