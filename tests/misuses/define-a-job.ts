// Lists what the compiler refuses where jobs are defined. Nothing here runs: `tsc -p .` reads it, and a misuse that
// stops being an error fails there.
import {
  type Check,
  dataset,
  defineJob,
  type Duration,
  integrationJob,
  type JobContext,
  type OutputOptions,
  sqlJob,
} from "../../src/index.ts";

const orders = dataset("orders");
const rates = dataset("rates", { external: true });

/** A number and a unit, or up to three, the longest first. */
export const durations: readonly Duration[] = [
  "250ms",
  "30s",
  "5m",
  "1.5h",
  "1h30m",
  "2d12h",
  "1d2h30m",
  "1m30s500ms",
  // @ts-expect-error bad duration: a unit that there is not
  "5 minuts",
  // @ts-expect-error bad duration: no unit
  "5",
  // @ts-expect-error bad duration: no number
  "m",
  // @ts-expect-error bad duration: the shorter unit first
  "30m1h",
  // @ts-expect-error bad duration: a number
  5,
];

export const timing: unknown = [
  defineJob({ name: "a", timeout: "2h", retry: { baseDelay: "30s" }, schedule: { every: "4h" }, execute() {} }),
  // @ts-expect-error bad duration
  defineJob({ name: "a", timeout: "two hours", execute() {} }),
  // @ts-expect-error bad duration
  defineJob({ name: "a", retry: { baseDelay: "30 secs" }, execute() {} }),
  // @ts-expect-error bad duration
  defineJob({ name: "a", schedule: { every: "4 hours" }, execute() {} }),
  // @ts-expect-error unknown option
  defineJob({ name: "a", timeuot: "2h", execute() {} }),
];

export const checks: readonly Check[] = [
  { notNull: ["id"] },
  { range: { total: { min: 0 } }, severity: "quarantine", name: "positive" },
  { unique: ["id"], severity: "warn" },
  { freshness: { column: "at", within: "24h" } },
  // @ts-expect-error two rules in a check
  { notNull: ["id"], unique: ["id"] },
  // @ts-expect-error two rules in a check, of one kind
  { notNull: ["id"], pattern: { id: "a" } },
  // @ts-expect-error no rule
  { severity: "warn" },
  // @ts-expect-error unknown rule
  { notNul: ["id"] },
  // @ts-expect-error a rule over all rows sets no single rows aside
  { unique: ["id"], severity: "quarantine" },
  // @ts-expect-error bad duration
  { freshness: { column: "at", within: "a day" } },
];

export const outputs: readonly OutputOptions[] = [
  orders,
  { dataset: orders },
  { dataset: "orders", mode: "append" },
  { dataset: "orders", mode: "merge", key: ["id"], delta: { partitionBy: ["day"] } },
  // @ts-expect-error merge without key
  { dataset: "orders", mode: "merge" },
  // @ts-expect-error unknown mode
  { dataset: "orders", mode: "upsert" },
  // @ts-expect-error no dataset
  { mode: "append" },
  // @ts-expect-error an input is no output: it has no handle's shape
  { name: "orders" },
];

export const jobs: unknown = [
  integrationJob({ name: "a", source: { file: { path: "a.csv" } }, output: orders }),
  integrationJob({ name: "a", source: { dataset: rates, version: 3 }, output: { dataset: orders } }),
  sqlJob({ name: "a", inputs: [rates, "orders"], sql: "select 1", output: { dataset: "b" } }),
  defineJob({ name: "a", inputs: [rates], outputs: [orders], spawns: ["b"], execute() {} }),
  // @ts-expect-error `output` it is, everywhere
  integrationJob({ name: "a", source: { dataset: rates }, target: orders }),
  // @ts-expect-error two sources
  integrationJob({ name: "a", source: { dataset: rates, file: { path: "a.csv" } }, output: orders }),
  // @ts-expect-error merge without key
  sqlJob({ name: "a", inputs: [], sql: "select 1", output: { dataset: "b", mode: "merge" } }),
  // @ts-expect-error two rules in a check
  sqlJob({ name: "a", inputs: [], sql: "select 1", output: orders, checks: [{ notNull: ["a"], unique: ["a"] }] }),
];

export async function ask(ctx: JobContext, day: string): Promise<unknown> {
  await ctx.data.publish({
    sql: "select 1 as id",
    inputs: [rates],
    output: { dataset: orders, mode: "merge", key: ["id"] },
  });
  // @ts-expect-error merge without key
  await ctx.data.publish({ sql: "select 1 as id", output: { dataset: orders, mode: "merge" } });
  // @ts-expect-error bad duration
  await ctx.sleep("a while");
  // @ts-expect-error a list is no value
  await ctx.sql`select * from orders where day in ${[day]}`;
  // @ts-expect-error a handle is no value
  await ctx.sql`select * from ${orders}`;
  return [await ctx.sql`select * from orders where day = ${day} and id > ${1n}`, await ctx.sql("select 1", [orders])];
}
