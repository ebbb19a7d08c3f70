// The files of a new project: small enough to read in a minute, complete enough to run at once.
import { listMedallionFiles, medallionFolders, medallionPipeline } from "./medallion-template.ts";
import { listPulseFiles, pulseFiles, pulseFolders, pulsePipeline } from "./pulse-template.ts";
import type { TemplateFile } from "./template-file.ts";

/** What a new project may begin with. */
export const templateNames = ["sales", "medallion", "pulse"] as const;

export type TemplateName = (typeof templateNames)[number];

export interface ProjectTemplateOptions {
  readonly template: TemplateName;
  /** Name of the npm package. */
  readonly name: string;
  /** Version of Millrace that the project depends on. */
  readonly version: string;
  /** Milliseconds since 1970, where data of a template end. */
  readonly nowMs: number;
}

/** Every file, in the order in which a reader should meet them. */
export function listTemplateFiles({ name, version, template, nowMs }: ProjectTemplateOptions): readonly TemplateFile[] {
  const parts = templates[template];
  return [
    { path: "README.md", text: readme(name, parts) },
    { path: "package.json", text: packageJson(name, version, parts) },
    { path: "tsconfig.json", text: tsconfig(parts.folders) },
    { path: ".gitignore", text: "node_modules/\n.millrace/\nlake*/\nout/\n" },
    ...parts.files(nowMs),
  ];
}

/** What the pipeline of a template is called. */
export function pipelineOf(template: TemplateName): string {
  return templates[template].pipeline;
}

interface TemplateParts {
  readonly pipeline: string;
  /** In one line. */
  readonly purpose: string;
  /** A table of its files. */
  readonly table: string;
  /** Where TypeScript looks beside the project's folder. */
  readonly folders: readonly string[];
  readonly files: (nowMs: number) => readonly TemplateFile[];
}

function listSalesFiles(): readonly TemplateFile[] {
  return [
    { path: "millrace.config.ts", text: config },
    { path: "data/orders.csv", text: orders },
    { path: "jobs/ingest-orders.ts", text: ingestOrders },
    { path: "jobs/daily-sales.ts", text: dailySales },
    { path: "pipeline.ts", text: pipeline },
  ];
}

const readme = (name: string, { pipeline: run, purpose, table }: TemplateParts): string => `# ${name}

${purpose}

\`\`\`sh
npm install                # once
npx millrace run ${run.padEnd(9)} # run the pipeline; run it again: nothing changes
npx millrace jobs          # what there is
npx millrace dev           # the screens, and jobs reloaded as you write them
npx millrace runs          # what ran
npx millrace show last     # the last run in detail
npx millrace graph         # who waits for whom
npm run types              # check the types of jobs and tests
\`\`\`

${table}`;

const salesPipeline = "sales";

const salesFiles = `| file | what it is |
| --- | --- |
| \`data/orders.csv\` | the raw data |
| \`jobs/ingest-orders.ts\` | reads it, checks it, publishes the dataset \`orders\` to \`lake/orders\` |
| \`jobs/daily-sales.ts\` | one query over \`orders\`, published to \`lake/daily_sales\` and \`out/daily_sales.parquet\` |
| \`pipeline.ts\` | both, in the order that their datasets ask for |
| \`millrace.config.ts\` | settings of the project |

Every file in \`jobs/\` that default-exports a job is a job; \`*.job.yaml\` files there are jobs without code.
`;

/** What checks the types of a new project: the versions that Millrace itself is checked with. */
export const templateTools: Readonly<Record<string, string>> = {
  "@types/node": "^24.19.2",
  typescript: "^7.0.2",
};

const packageJson = (name: string, version: string, { pipeline: run }: TemplateParts): string =>
  `${JSON.stringify(
    {
      name,
      private: true,
      type: "module",
      scripts: { start: `millrace run ${run}`, types: "tsc -p ." },
      dependencies: { millrace: `^${version}` },
      devDependencies: templateTools,
    },
    undefined,
    2,
  )}\n`;

const tsconfig = (folders: readonly string[]): string => `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024", "esnext.disposable"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true
  },
  "include": [${["*.ts", ...folders, "tests"].map((folder) => JSON.stringify(folder)).join(", ")}]
}
`;

const config = `import { defineProject } from "millrace";

export default defineProject({
  // Folder of Delta tables that have no path of their own.
  lake: "lake",
});
`;

const orders = `order_id,customer,ordered_on,amount
1,ada,2026-01-05,40.50
2,grace,2026-01-05,12.00
3,ada,2026-01-06,7.25
4,edsger,2026-01-06,99.90
5,barbara,2026-01-06,18.00
6,grace,2026-01-07,64.10
`;

const ingestOrders = `import { integrationJob } from "millrace";

export default integrationJob({
  name: "ingest_orders",
  description: "orders as the shop delivers them",
  layer: "bronze",
  source: { file: { path: "data/orders.csv" } },
  // A check that fails leaves the published table as it was.
  checks: [{ notNull: ["order_id", "customer"] }, { unique: ["order_id"] }, { range: { amount: { min: 0 } } }],
  output: { dataset: "orders", delta: { path: "lake/orders" } },
});
`;

const dailySales = `import { sqlJob } from "millrace";

export default sqlJob({
  name: "daily_sales",
  description: "orders and revenue, day by day",
  layer: "gold",
  // Reading \`orders\` is what makes this job wait for the one that publishes it.
  inputs: ["orders"],
  sql: \`
    select ordered_on, count(*) as orders, round(sum(amount), 2) as revenue
    from orders
    group by ordered_on
    order by ordered_on\`,
  checks: [{ unique: ["ordered_on"] }],
  output: {
    dataset: "daily_sales",
    delta: { path: "lake/daily_sales" },
    parquet: { path: "out/daily_sales.parquet" },
  },
});
`;

const pipeline = `import { JobPipeline } from "millrace";
import dailySales from "./jobs/daily-sales.ts";
import ingestOrders from "./jobs/ingest-orders.ts";

export default new JobPipeline("${salesPipeline}", { description: "from raw orders to daily sales" })
  .addJob(ingestOrders)
  .addJob(dailySales);
`;

const templates: Readonly<Record<TemplateName, TemplateParts>> = {
  sales: {
    pipeline: salesPipeline,
    purpose: "Orders from a CSV file, checked, and summed up by day.",
    table: salesFiles,
    folders: ["jobs", "pipelines"],
    files: listSalesFiles,
  },
  medallion: {
    pipeline: medallionPipeline,
    purpose: "Transactions in three layers: as they are delivered, cleaned, and summed up by day.",
    table: medallionFolders,
    folders: ["ingestion", "processing", "aggregation", "utilities", "schedules", "monitoring"],
    files: listMedallionFiles,
  },
  pulse: {
    pipeline: pulsePipeline,
    purpose:
      "GitHub and Jira collected; deployments, lead times, failures and sprints made of it, each figure with its rows.",
    table: pulseFiles,
    folders: pulseFolders,
    files: listPulseFiles,
  },
};
