// `npm run screens [-- <name>…]`: pictures of every screen, light and dark, and of some on a phone, into docs/screens: of a
// real server on a copy of the flights example with a history of its own, and of one on a new project of Pulse.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startBehavingServer } from "../tests/support/http/behaving-server.ts";
import { FlightsProject } from "../tests/support/cli/flights-project.ts";
import { uiProjectFiles } from "../tests/support/web/ui-project.ts";
import { pulseScreens, takePulseScreens } from "./screens/pulse-screens.ts";
import { type Screen, screensFolder, takeScreens } from "./screens/take-screens.ts";

interface History {
  readonly flights: string;
  readonly failed: string;
  readonly before: string;
  readonly live: string;
  readonly waiting: string;
}

/** On a phone the first screens at night are these. */
const onPhone: readonly string[] = ["home", "failures", "run-failed", "runs"];

const noHistory: History = { flights: "", failed: "", before: "", live: "", waiting: "" };

const { positionals } = parseArgs({ allowPositionals: true });
const known = [...listScreens(), ...pulseScreens].map(({ name }) => name);
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) throw new Error(`no screen is called ${unknown}`);
if (positionals.length === 0) await rm(screensFolder, { recursive: true, force: true });
const isWanted = ({ name }: Screen): boolean => positionals.length === 0 || positionals.includes(name);

await using project = await FlightsProject.create();
if (listScreens().some(isWanted)) await takeFlightsScreens();
const ofPulse = pulseScreens.filter(isWanted);
if (ofPulse.length > 0) await takePulseScreens(ofPulse);

async function takeFlightsScreens(): Promise<void> {
  // where messages go; one of them is not well
  await using people = await startBehavingServer(
    ({ path }, response) => void response.writeHead(path === "/away" ? 503 : 204).end(),
  );
  for (const [path, text] of Object.entries({ ...uiProjectFiles, ...listOwnFiles(people.origin) })) {
    await mkdir(join(project.path, path, ".."), { recursive: true });
    await writeFile(join(project.path, path), text);
  }
  const server = await startServer();
  try {
    const screens = listScreens(await makeHistory()).filter(isWanted);
    await takeScreens(
      server.loginUrl,
      screens.map((screen) => ({ ...screen, isOnPhone: onPhone.includes(screen.name) })),
    );
  } finally {
    await server.stop();
  }
}

/** Without a history the names alone are right. */
function listScreens({ flights, failed, before, live, waiting }: History = noHistory): readonly Screen[] {
  return [
    { name: "home", path: "/", shows: "flights" },
    { name: "palette", path: "/", shows: "flights", press: "Control+k" },
    { name: "runs", path: "/runs", shows: "flaky" },
    { name: "run-live", path: `/runs/${live}`, shows: "counting" },
    { name: "run-failed", path: `/runs/${failed}`, shows: "has no customer" },
    { name: "run-why", path: `/runs/${waiting}`, shows: "Why?" },
    { name: "run-overview", path: `/runs/${flights}?tab=overview`, shows: "Overview" },
    { name: "run-graph", path: `/runs/${flights}?tab=graph`, shows: "Overview" },
    { name: "run-gantt", path: `/runs/${flights}?tab=gantt`, shows: "Overview" },
    { name: "run-logs", path: `/runs/${flights}?tab=logs`, shows: "Download" },
    { name: "compare", path: `/compare/${before}/${flights}`, shows: "Compare" },
    { name: "failures", path: "/failures", shows: "has no customer" },
    { name: "job", path: "/jobs/flights", shows: "Definition" },
    { name: "job-graph", path: "/jobs/flights?tab=graph", shows: "Definition" },
    { name: "state", path: "/jobs/reader/state", shows: "Watermark" },
    { name: "state-units", path: "/jobs/accounts/state", shows: "Watermarks" },
    { name: "job-figures", path: "/jobs/shop?tab=figures", shows: "orders_loaded" },
    { name: "job-schedule", path: "/jobs/late_report?tab=schedule", shows: "Past fires" },
    { name: "metrics", path: "/metrics?job=counter&range=1h", shows: "Duration" },
    { name: "schedules", path: "/schedules", shows: "daily" },
    { name: "datasets", path: "/datasets", shows: "flights" },
    { name: "streams", path: "/streams", shows: "mails" },
    { name: "stream-topic", path: "/streams/topics/mails", shows: "ada@acme.example" },
    { name: "stream-group", path: "/streams/groups/mailer", shows: "Members" },
    { name: "stream-replays", path: "/streams?tab=replays", shows: "mailer@replay-1" },
    { name: "stream-dead-letters", path: "/streams?tab=dead-letters", shows: "no address" },
    { name: "stream-dead-letter", path: "/streams/dead-letters/1", shows: "no address" },
    { name: "checks", path: "/checks", shows: "flights" },
    { name: "connections", path: "/connections", shows: "Connections" },
    { name: "notifications", path: "/notifications", shows: "on_call" },
    { name: "orchestrator", path: "/orchestrator", shows: "Worker" },
    { name: "settings", path: "/settings", shows: "Settings" },
  ];
}

/**
 * What is there for the pictures: a job that waits for datasets, one with many units, some of them behind, one that counts what
 * its business counts, and people to tell, some of whom do not answer.
 */
function listOwnFiles(people: string): Readonly<Record<string, string>> {
  return {
    "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({
  lake: "lake",
  config: { flights_report: { topRoutes: 10, topAirports: 12 } },
  channels: { ops: { webhook: { url: "${people}/ops" } }, on_call: { webhook: { url: "${people}/away" } } },
  notifications: [
    { on: ["failed", "quality", "recovered"], to: ["ops"] },
    { on: ["failed"], jobs: ["flaky"], to: ["on_call"], severity: "critical" },
  ],
});
`,
    "jobs/shop.ts": `import { defineJob } from "millrace";
import { z } from "zod";
export default defineJob({
  name: "shop",
  params: z.object({ day: z.int() }),
  metrics: { orders_loaded: { min: 900, unit: "rows" }, rejected_share: { max: 5, unit: "%" } },
  execute(ctx) {
    const { day } = ctx.params;
    ctx.metric("orders_loaded", Math.round(1_200 + 160 * Math.sin(day)) - (day === 17 ? 500 : 0));
    ctx.metric("rejected_share", Math.round(150 + 100 * Math.cos(day * 3)) / 100);
    ctx.metric("revenue", 48_000 + 900 * day, { unit: "EUR", labels: { region: "eu" } });
    ctx.metric("revenue", Math.round(31_000 + 4_400 * Math.sin(day)), { unit: "EUR", labels: { region: "us" } });
  },
});
`,
    ...mailerFiles(),
    "jobs/late-report.ts": `import { defineJob } from "millrace";
export default defineJob({ name: "late_report", schedule: { after: ["flights", "delay_by_airport_day"] }, execute: () => 1 });
`,
    "jobs/accounts.ts": `import { defineJob } from "millrace";
export default defineJob({
  name: "accounts",
  async execute(ctx) {
    for (let account = 1; account <= 120; account += 1) {
      const key = "unit account-" + String(account).padStart(3, "0");
      const days = account % 29 === 0 ? 20 : 27;
      await ctx.watermark(key + " 2026-11-01T00:00:00.000Z").advance("2026-11-" + days + "T00:00:00.000Z");
    }
  },
});
`,
  };
}

/** A topic whose records come to a job, some of which it cannot handle. */
function mailerFiles(): Readonly<Record<string, string>> {
  return {
    "jobs/mailer.ts": `import { defineTopic, streamJob } from "millrace";
import { z } from "zod";
const mails = defineTopic({
  name: "mails",
  partitions: 4,
  retention: "30d",
  schema: z.object({ to: z.string(), text: z.string() }),
  key: (mail) => mail.to,
});
export default streamJob({
  name: "mailer",
  topic: mails,
  handle(mail) {
    if (!mail.to.includes("@")) throw new Error("no address");
  },
});
`,
    "mails.ndjson": listMails(),
  };
}

function listMails(): string {
  const people = ["ada@acme.example", "bob@acme.example", "eve@acme.example"];
  const mails = Array.from({ length: 240 }, (_, number) => {
    const to = number % 37 === 5 ? "somebody" : people[number % 3];
    return JSON.stringify({ to, text: `order ${1_000 + number} is on its way` });
  });
  return `${mails.join("\n")}\n`;
}

async function startServer(): Promise<{ readonly loginUrl: string; stop(): Promise<void> }> {
  const child = project.start("dev", "--port", "0");
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    const url = /http:\/\/\S+#token=\S+/.exec(said)?.[0];
    if (url !== undefined) resolve(url);
  });
  child.once("close", () => reject(new Error(`the server ended: ${said}`)));
  return {
    loginUrl: await promise,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

// Finished and failed runs, one that goes on, one that waits for it, and what people did.
async function makeHistory(): Promise<History> {
  const before = await run("flights");
  const flights = await run("flights", "--params", "{}", "--force");
  for (let order = 1; order <= 4; order += 1) await start("flaky", "-p", `order=${order}`);
  for (let total = 2; total <= 40; total += 2) await start("counter", "-p", `total=${total}`);
  for (let round = 0; round < 3; round += 1) await run("reader");
  for (let round = 0; round < 6; round += 1) await run("daily", "--force");
  await run("accounts");
  await start("mailer");
  await project.run("topic", "produce", "mails", "--file", "mails.ndjson");
  await project.run("replay", "mailer", "--from", "earliest");
  for (let day = 1; day <= 30; day += 1) await start("shop", "-p", `day=${day}`);
  await project.run("state", "rewind", "reader", "--to", "20", "--reason", "the day was incomplete");
  const failed = await run("flaky", "-p", "order=4711");
  await project.run("token", "create", "wallboard", "--role", "viewer");
  await project.run("token", "create", "deploy", "--role", "operator", "--expires", "30d");
  await start("exclusive", "-p", "n=1");
  const waiting = await start("exclusive", "-p", "n=2");
  const live = await start("counter", "-p", "total=9000");
  return { before, flights, failed, live, waiting };
}

async function start(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run("start", ...args, "--json");
  if (code !== 0) throw new Error(`start ${args.join(" ")}: ${stderr}`);
  return (JSON.parse(stdout) as { readonly run_id: string }).run_id;
}

async function run(...args: readonly string[]): Promise<string> {
  const runId = await start(...args);
  await project.run("watch", runId);
  return runId;
}
