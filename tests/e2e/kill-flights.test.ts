// The flights pipeline is killed at random moments and run again: nothing is lost, doubled or left half done.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assertOk, ended, randomOf } from "../support/cli/example-project.ts";
import { FlightsProject, type PublishedTables } from "../support/cli/flights-project.ts";

/** A sample: `npm run kills` kills publishers a hundred times. */
const kills = 3;
// Fixed, so that a failure can be repeated; each kill has its own.
const seed = 20010101;

test("an undisturbed run of three million flights leaves the expected report, the published tables and nothing else", async () => {
  await using project = await FlightsProject.create();
  assertOk(await project.run("run", "flights"));
  const read = (path: string): Promise<string> => readFile(path, "utf8");
  const expected = await read(join(import.meta.dirname, "../../examples/flights/expected.txt"));
  expect(await read(join(project.path, "out/report.txt"))).toBe(expected);
  expect((await project.publishedTables())["bronze/flights"]).toMatch(/^2999989 rows/);
  expect(await project.strayFiles()).toEqual([]);
  expect(await project.run("verify")).toMatchObject({ code: 0 });
}, 120_000);

// What follows depends on the moment alone, so it is about fewer flights.
describe("a run of two hundred thousand flights", () => {
  let undisturbed: PublishedTables;
  let durationMs: number;
  let first: FlightsProject;

  beforeAll(async () => {
    first = await FlightsProject.createSmall();
    const startedAtMs = performance.now();
    const run = await first.run("run", "flights");
    durationMs = performance.now() - startedAtMs;
    assertOk(run);
    undisturbed = await first.publishedTables();
  }, 120_000);

  afterAll(() => first[Symbol.asyncDispose]());

  test("changes nothing and makes no new version the second time", async () => {
    expect(undisturbed["bronze/flights"]).toMatch(/^(?:199|200)\d{3} rows/);
    const again = await first.run("run", "flights", "--json");
    assertOk(again);
    expect(JSON.parse(again.stdout)).toMatchObject({ state: "FINISHED" });
    const { outputs } = JSON.parse(again.stdout) as { outputs: { changed: boolean }[] };
    expect(outputs.filter(({ changed }) => changed)).toEqual([]);
    expect(await first.publishedTables()).toEqual(undisturbed);
    expect(await first.strayFiles()).toEqual([]);
  }, 120_000);

  test.each(Array.from({ length: kills }, (_, index) => index))(
    "killed at random moment %d and run again, leaves the tables of an undisturbed run",
    async (index) => {
      await using project = await FlightsProject.createSmall();
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
});
