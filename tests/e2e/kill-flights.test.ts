// The flights pipeline is killed at random moments and run again: nothing is lost, doubled or left half done.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertOk, ended, randomOf } from "../support/cli/example-project.ts";
import { FlightsProject, type PublishedTables } from "../support/cli/flights-project.ts";

/** A sample: `npm run kills` kills publishers a hundred times. */
const kills = 3;
// Fixed, so that a failure can be repeated; each kill has its own.
const seed = 20010101;

let undisturbed: PublishedTables;
let durationMs: number;
let first: FlightsProject;

beforeAll(async () => {
  first = await FlightsProject.create();
  const startedAtMs = performance.now();
  const run = await first.run("run", "flights");
  durationMs = performance.now() - startedAtMs;
  assertOk(run);
  undisturbed = await first.publishedTables();
}, 120_000);

afterAll(() => first[Symbol.asyncDispose]());

test("the report is the expected one", async () => {
  const read = (path: string): Promise<string> => readFile(path, "utf8");
  const expected = await read(join(import.meta.dirname, "../../examples/flights/expected.txt"));
  expect(await read(join(first.path, "out/report.txt"))).toBe(expected);
});

test("an undisturbed run leaves the published tables and nothing else", async () => {
  expect(undisturbed["bronze/flights"]).toMatch(/^2999989 rows/);
  expect(await first.strayFiles()).toEqual([]);
  expect(await first.run("verify")).toMatchObject({ code: 0 });
});

test("a second run changes nothing and makes no new version", async () => {
  const again = await first.run("run", "flights", "--json");
  assertOk(again);
  expect(JSON.parse(again.stdout)).toMatchObject({ state: "FINISHED" });
  const { outputs } = JSON.parse(again.stdout) as { outputs: { changed: boolean }[] };
  expect(outputs.filter(({ changed }) => changed)).toEqual([]);
  expect(await first.publishedTables()).toEqual(undisturbed);
  expect(await first.strayFiles()).toEqual([]);
}, 120_000);

test.each(Array.from({ length: kills }, (_, index) => index))(
  "killed at random moment %d and run again, the tables are those of an undisturbed run",
  async (index) => {
    await using project = await FlightsProject.create();
    const child = project.start("run", "flights");
    // Spread over the whole run, with a random place in each part.
    const delayMs = ((index + randomOf(seed + index)) / kills) * durationMs;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill("SIGKILL");
    await ended(child);
    const again = await project.run("run", "flights");
    assertOk(again);
    expect(await project.publishedTables()).toEqual(undisturbed);
    expect(await project.strayFiles()).toEqual([]);
    const verified = await project.run("verify");
    assertOk(verified);
  },
  120_000,
);
