// The files of a new project in the layers of a lake: raw (bronze), clean (silver) and summed up (gold), with the folders that teams of
// warehouses know. It runs at once, and on nothing but what it has.
import type { TemplateFile } from "./template-file.ts";

/** What the pipeline is called. */
export const medallionPipeline: string = "daily";

/** The files beside those that every new project has. */
export function listMedallionFiles(): readonly TemplateFile[] {
  return [
    { path: "millrace.config.ts", text: config },
    { path: "millrace.config.prod.ts", text: production },
    { path: "data/customers.csv", text: customers },
    { path: "data/transactions.csv", text: transactions },
    { path: "ingestion/ingest-customer-data.ts", text: ingestCustomers },
    { path: "ingestion/ingest-transactions.ts", text: ingestTransactions },
    { path: "processing/process-transactions.ts", text: processTransactions },
    { path: "aggregation/calculate-daily-metrics.ts", text: dailyMetrics },
    { path: "utilities/count-rows.ts", text: countRows },
    { path: "schedules/daily.ts", text: daily },
    { path: "monitoring/alerts.ts", text: alerts },
  ];
}

/** What the files are, for the README. */
export const medallionFolders: string = `| folder | what is in it |
| --- | --- |
| \`ingestion/\` | bronze: what sources deliver, as they deliver it |
| \`processing/\` | silver: cleaned, checked, joined |
| \`aggregation/\` | gold: what people ask for |
| \`utilities/\` | jobs that look after the others |
| \`schedules/\` | what runs when, and in which order |
| \`monitoring/\` | who is told of which failures |
| \`data/\` | the raw data |
| \`millrace.config.ts\`, \`millrace.config.prod.ts\` | settings, and what differs in production: \`npx millrace run ${medallionPipeline} --env prod\` |
`;

const config = `import { defineProject } from "millrace";
import { channels, freshness, notifications } from "./monitoring/alerts.ts";

export default defineProject({
  // The folders with jobs and pipelines.
  jobs: ["ingestion", "processing", "aggregation", "utilities", "schedules"],
  channels,
  notifications,
  freshness,
});
`;

const production = `import { defineEnvironment } from "millrace";

// What differs in production; it has a store and a lake of its own.
export default defineEnvironment({
  slots: 8,
  compute: { memoryLimit: "4GB" },
  retention: "365d",
});
`;

const customers = `customer_id,name,country
c1,Ada,GB
c2,Grace,US
c3,Edsger,NL
`;

const transactions = `transaction_id,customer_id,booked_at,amount,currency
1,c1,2026-01-05T09:12:00Z,40.50,EUR
2,c2,2026-01-05T10:01:00Z,12.00,EUR
2,c2,2026-01-05T10:01:00Z,12.00,EUR
3,c1,2026-01-06T08:30:00Z,7.25,EUR
4,c3,2026-01-06T16:45:00Z,99.90,EUR
5,c2,2026-01-07T11:20:00Z,64.10,???
`;

const ingestCustomers = `import { integrationJob } from "millrace";

export default integrationJob({
  name: "ingest_customer_data",
  description: "customers as they are delivered",
  purpose: "ingestion",
  layer: "bronze",
  source: { file: { path: "data/customers.csv" } },
  checks: [{ notNull: ["customer_id"] }, { unique: ["customer_id"] }],
  output: { dataset: "customers_raw" },
});
`;

const ingestTransactions = `import { integrationJob } from "millrace";

export default integrationJob({
  name: "ingest_transactions",
  description: "transactions as they are delivered, also twice",
  purpose: "ingestion",
  layer: "bronze",
  source: { file: { path: "data/transactions.csv" } },
  checks: [{ notNull: ["transaction_id"] }],
  output: { dataset: "transactions_raw" },
});
`;

const processTransactions = `import { sqlJob } from "millrace";

export default sqlJob({
  name: "process_transactions",
  description: "each transaction once, with its customer",
  purpose: "processing",
  layer: "silver",
  inputs: ["customers_raw", "transactions_raw"],
  sql: \`
    select distinct transaction_id, booked_at, amount, currency, customer_id, country
    from transactions_raw
    join customers_raw using (customer_id)\`,
  checks: [
    { unique: ["transaction_id"] },
    // What breaks this rule is set aside, and the rest is published.
    { name: "known currency", acceptedValues: { currency: ["EUR", "USD", "GBP"] }, severity: "quarantine" },
  ],
  output: { dataset: "transactions" },
});
`;

const dailyMetrics = `import { sqlJob } from "millrace";

export default sqlJob({
  name: "calculate_daily_metrics",
  description: "transactions and amounts, day by day and country by country",
  purpose: "aggregation",
  layer: "gold",
  inputs: ["transactions"],
  sql: \`
    select cast(booked_at as date) as day, country, count(*) as transactions, round(sum(amount), 2) as amount
    from transactions
    group by all
    order by all\`,
  checks: [{ unique: ["day", "country"] }],
  output: { dataset: "daily_metrics", parquet: { path: "out/daily_metrics.parquet" } },
});
`;

const countRows = `import { defineJob } from "millrace";

export default defineJob({
  name: "count_rows",
  description: "how many rows each layer has",
  purpose: "utility",
  inputs: ["transactions_raw", "transactions", "daily_metrics"],
  async execute(ctx) {
    const [counts] = await ctx.sql\`
      select (select count(*) from transactions_raw)::int as bronze,
             (select count(*) from transactions)::int as silver,
             (select count(*) from daily_metrics)::int as gold\`;
    return counts;
  },
});
`;

const daily = `import { JobPipeline } from "millrace";
import calculateDailyMetrics from "../aggregation/calculate-daily-metrics.ts";
import ingestCustomerData from "../ingestion/ingest-customer-data.ts";
import ingestTransactions from "../ingestion/ingest-transactions.ts";
import processTransactions from "../processing/process-transactions.ts";
import countRows from "../utilities/count-rows.ts";

// The order follows from what each job reads and publishes. \`millrace dev\` and \`millrace server\` keep the schedule.
export default new JobPipeline("${medallionPipeline}", {
  description: "from what was delivered to the figures of each day",
  schedule: { cron: "0 2 * * *", timezone: "UTC" },
})
  .addJob(ingestCustomerData)
  .addJob(ingestTransactions)
  .addJob(processTransactions)
  .addJob(calculateDailyMetrics)
  .addJob(countRows);
`;

const alerts = `import { env, type ProjectOptions } from "millrace";

/** Where messages go. Until a variable is set its messages wait nowhere: \`millrace notifications list\` shows them as given up. */
export const channels: ProjectOptions["channels"] = {
  data_platform: { slack: { url: env("DATA_PLATFORM_SLACK") } },
  analytics: { slack: { url: env("ANALYTICS_SLACK") } },
};

/** Who is told of what. */
export const notifications: ProjectOptions["notifications"] = [
  { on: ["failed", "late", "recovered"], jobs: ["ingest_*"], to: ["data_platform"] },
  { on: ["failed", "quality", "stale", "recovered"], jobs: ["process_*", "calculate_*"], to: ["analytics"], group: "5m" },
];

/** How old what people look at may be. */
export const freshness: ProjectOptions["freshness"] = { daily_metrics: "26h" };
`;
