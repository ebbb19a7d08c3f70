// Every command prints with `--json` an object with the version of its shape, in the words of the API.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { jsonSchemaVersion } from "../../../src/cli/print/json-document.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { type ControlProject, createControlProject } from "../../support/cli/control-project.ts";

let project: ControlProject;
beforeAll(async () => {
  project = await createControlProject();
});
afterAll(() => project[Symbol.asyncDispose]());

const range = ["--from", "2026-01-01", "--to", "2026-01-03"];

// In an order in which each finds what it needs; those that change things come last.
const commands: readonly (readonly string[])[] = [
  ["jobs"],
  ["runs"],
  ["show", "r1"],
  ["show", "r2"],
  ["why", "r7"],
  ["watch", "r1"],
  ["diff", "r1", "r4"],
  ["metrics", "count"],
  ["logs", "r1"],
  ["plan", "load"],
  ["requests", "r1"],
  ["graph", "daily"],
  ["state", "show", "count"],
  ["state", "diff", "count"],
  ["state", "rewind", "count", "--to", "1", "--dry-run"],
  ["quarantine", "list"],
  ["quarantine", "show", "people"],
  ["quarantine", "discard", "people", "--dry-run"],
  ["datasets", "list"],
  ["datasets", "reset", "people"],
  ["figures", "list"],
  ["token", "list"],
  ["connections", "list"],
  ["schedules", "list"],
  ["schedules", "next", "daily"],
  ["backfill", "daily", ...range, "--dry-run"],
  ["notifications"],
  ["notifications", "channels"],
  ["topic", "list"],
  ["group", "list"],
  ["replay", "list"],
  ["orchestrator", "status"],
  ["doctor"],
  ["build"],
  ["verify"],
  ["migrate"],
  ["stop", "r7"],
  ["retry", "r7"],
  ["cancel", "r7"],
  ["start", "idle"],
  ["pause", "idle"],
  ["resume", "idle"],
  ["schedules", "pause", "daily"],
  ["plan", "daily"],
  ["run", "daily", "--dry-run"],
  ["run", "daily"],
  ["orchestrator", "stop", "--reason", "holiday"],
  ["orchestrator", "start"],
  ["quarantine", "discard", "people", "--yes"],
];

test.each(commands.map((args) => [args.join(" "), args] as const))("%s", async (_name, args) => {
  const { exitCode, stdout, stderr } = await project.store.run(...args, "--json");
  expect({ exitCode, stderr, hasOutput: stdout !== "" }).toMatchObject({ exitCode: 0, hasOutput: true });
  for (const line of stdout.trimEnd().split("\n")) expectDocument(line);
});

test("a new token with its secret, and the end of it", async () => {
  const created = expectDocument((await project.store.run("token", "create", "short", "--json")).stdout);
  expect(created["secret"]).toMatch(/^mlr_/);
  const revoked = await project.store.run("token", "revoke", String(created["token_id"]), "--json");
  expect(expectDocument(revoked.stdout)["token_id"]).toBe(created["token_id"]);
});

test("each command that has `--json` is among them", () => {
  const program = createProgram(
    () => createCommandContext(project.path),
    () => undefined,
  );
  const withJson = program.commands.filter(({ options }) => options.some(({ long }) => long === "--json"));
  // `batch` needs a group that has made one: tests/integration/cli/streams.test.ts holds it.
  expect(withJson.map((command) => command.name()).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    [...new Set(["batch", ...commands.map(([verb = ""]) => verb)])].toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test("`exec` prints the same kind of document, also when it could not start anything", async () => {
  for (const args of [
    ["--module_name", "jobs/idle.ts"],
    ["--module_name", "jobs/nothing.ts"],
  ]) {
    expectDocument((await project.store.run("exec", "--", ...args)).stdout);
  }
});

function expectDocument(line: string): Readonly<Record<string, unknown>> {
  const document = JSON.parse(line) as Record<string, unknown>;
  expect(Object.keys(document)[0]).toBe("schema_version");
  expect(document["schema_version"]).toBe(jsonSchemaVersion);
  expect(listKeys(document).filter((key) => !snakeCase.test(key))).toEqual([]);
  return document;
}

/** Names of fields; states are keys where runs are counted by them. */
const snakeCase = /^_?[a-z][a-z0-9]*(?:_[a-z0-9]+)*$|^[A-Z]+(?:_[A-Z]+)*$/;

/** What is in these was written by jobs and callers, who choose the names in it. */
const free = new Set(["params", "result", "data", "fields"]);

function listKeys(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(listKeys);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => [key, ...(free.has(key) ? [] : listKeys(field))]);
}
