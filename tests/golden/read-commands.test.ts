// Commands that only read print text and JSON over the history of a small project, compared with golden files.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type CommandResult, createCommandLine } from "../support/cli/command-line.ts";
import { expectGolden } from "../support/gates/golden.ts";
import { createShopProject, type ShopProject, shopHistoryAtMs } from "../support/cli/shop-project.ts";

process.env["TZ"] = "UTC";

let project: ShopProject;

beforeAll(async () => {
  project = await createShopProject();
  // Only the date: timers and heartbeats are not asked for by commands that read.
  vi.useFakeTimers({ toFake: ["Date"], now: shopHistoryAtMs + 150_000 });
});

afterAll(async () => {
  vi.useRealTimers();
  await project[Symbol.asyncDispose]();
});

async function transcribe(commands: readonly string[][], width = 100): Promise<string> {
  const commandLine = createCommandLine(project.path, { width });
  const parts: string[] = [];
  for (const args of commands) parts.push(describe(args, await commandLine.run(...args)));
  return project.normalise(parts.join("\n"));
}

// JSON is spread over lines, so that a change of shape is seen in the diff.
function describe(args: readonly string[], { exitCode, stdout, stderr }: CommandResult): string {
  const isJson = args.includes("--json");
  const documents = stdout.trimEnd().split("\n");
  const out = isJson ? documents.map((line) => JSON.stringify(JSON.parse(line), null, 2)).join("\n") : stdout.trimEnd();
  const notes = stderr === "" ? "" : stderr.trimEnd().replaceAll(/^/gm, "stderr: ");
  const exit = exitCode === 0 ? "" : `exit ${exitCode}`;
  return [`$ millrace ${args.join(" ")}`, out, notes, exit, ""]
    .filter((part, index) => part !== "" || index === 4)
    .join("\n");
}

test("jobs", async () => {
  await expectGolden("jobs", await transcribe([["jobs"], ["jobs", "--json"]]));
});

test("runs", async () => {
  const commands = [
    ["runs"],
    ["runs", "--limit", "1"],
    ["runs", "--all", "--state", "error"],
    ["runs", "--job", "sales_by_day", "--before", "r6"],
    ["runs", "--job", "sales_by_dya"],
    ["runs", "--state", "finshed"],
    ["runs", "--limit", "0"],
    ["runs", "--json", "--limit", "1"],
  ];
  await expectGolden("runs", await transcribe(commands));
});

test("show", async () => {
  const commands = [
    ["show", "r1"],
    ["show", "r3"],
    ["show", "r4"],
    ["show", "last"],
    ["show", "r99"],
    ["show", "x"],
  ];
  await expectGolden("show", await transcribe(commands));
});

test("show as JSON", async () => {
  await expectGolden(
    "show-json",
    await transcribe([
      ["show", "r4", "--json"],
      ["show", "last", "--json"],
    ]),
  );
});

test("logs", async () => {
  const commands = [
    ["logs", "r1"],
    ["logs", "r4", "--level", "warn"],
    ["logs", "r1", "--grep", "NORTH"],
    ["logs", "r4", "--follow", "--grep", "nothing like it"],
    ["logs", "r1", "--level", "loud"],
    ["logs", "r4", "--json", "--level", "warn"],
  ];
  await expectGolden("logs", await transcribe(commands));
});

test("graph", async () => {
  const commands = [
    ["graph", "shop"],
    ["graph", "shop", "--mermaid"],
    ["graph", "shop", "--json"],
    ["graph"],
    ["graph", "shpo"],
    ["graph", "ingest_orders"],
  ];
  await expectGolden("graph", await transcribe(commands));
});

test("verify", async () => {
  await expectGolden("verify", await transcribe([["verify"], ["verify", "--json"]]));
});

test("on a narrow terminal", async () => {
  const commands = [["jobs"], ["runs"], ["show", "r1"], ["graph", "shop"]];
  const text = await transcribe(commands, 60);
  await expectGolden("narrow", text);
  // What a person needs whole is not cut: errors, hints and notices.
  const isWhole = /^(?:\$|stderr|error|  (?:hint|cause)|quarantined|warning)/;
  expect(text.split("\n").filter((line) => line.length > 60 && !isWhole.test(line))).toEqual([]);
});

test("doctor", async () => {
  await expectGolden("doctor", await transcribe([["doctor"], ["doctor", "--json"]]));
});

const brokenJob = `import { defineJob } from "millrace";
export default defineJob({ name: "broken", purpose: "extract", execute: () => undefined });
`;

test("doctor on broken job files, and on a broken configuration", async () => {
  await using broken = await createShopProject({ runs: false });
  const transcripts: string[] = [];
  const commandLine = createCommandLine(broken.path);
  await writeFile(join(broken.path, "pipelines/broken.ts"), brokenJob);
  await mkdir(join(broken.path, "jobs"));
  await writeFile(join(broken.path, "jobs/nothing.ts"), "export const job = 1;\n");
  transcripts.push(describe(["doctor"], await commandLine.run("doctor")));
  await writeFile(join(broken.path, "millrace.config.json"), '{ "slotz": 2 }');
  await rm(join(broken.path, "millrace.config.ts"));
  transcripts.push(describe(["doctor"], await commandLine.run("doctor")));
  await expectGolden("doctor-broken", broken.normalise(transcripts.join("\n")));
});

test("verify of a store in which something is broken", async () => {
  using database = new DatabaseSync(join(project.path, ".millrace/store.db"));
  database.exec("delete from outcome where run_id = 11");
  await expectGolden("verify-broken", await transcribe([["verify"], ["verify", "--json"]]));
});
