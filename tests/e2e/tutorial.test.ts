// The tutorial does what it says: its files and commands in their order, in an empty folder, with the built command line.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliProject } from "../support/cli/cli-project.ts";
import { findDifference, parseTutorial } from "../support/docs/tutorial.ts";
import { findDifferences, type Printed, type Walk, walkTutorial } from "../support/docs/walk-tutorial.ts";

const tutorial = join(import.meta.dirname, "../../docs/start/tutorial.md");

let project: CliProject;
let walk: Walk;

beforeAll(async () => {
  const steps = parseTutorial(await readFile(tutorial, "utf8"));
  const began = quarterOf(Date.now());
  project = await CliProject.create({});
  const first = await walkTutorial(project, steps).catch((error: unknown) => error as Error);
  // `sleep_job` starts at each quarter of an hour. When that was during the walk, its run has an id that the page counts on.
  if (quarterOf(Date.now()) !== began) {
    if (!(first instanceof Error)) await first[Symbol.asyncDispose]();
    await project[Symbol.asyncDispose]();
    project = await CliProject.create({});
    walk = await walkTutorial(project, steps);
    return;
  }
  if (first instanceof Error) throw first;
  walk = first;
});

afterAll(async () => {
  await walk?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

test("every command of the tutorial prints what the tutorial shows", () => {
  expect(walk.printed.length).toBeGreaterThan(8);
  expect(findDifferences(walk.printed)).toEqual([]);
});

test("`millrace dev` of the tutorial serves the screens", async () => {
  const address = walk.printed.map(({ stderr }) => /http:\/\/127\.0\.0\.1:\d+/.exec(stderr)?.[0]).find(Boolean);
  const answer = await fetch(`${address}/`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/html");
});

test("a planted wrong line in any of the shown outputs is found", () => {
  const shown = walk.printed.filter((printed) => printed.shown !== undefined);
  for (const printed of shown) {
    const lines = printed.shown?.trimEnd().split("\n") ?? [];
    const at = lines.findLastIndex((line) => line.trim() !== "…");
    const planted: Printed = { ...printed, shown: lines.with(at, `${lines[at]} planted`).join("\n") };
    expect(findDifferences([planted])).toHaveLength(1);
  }
});

test("shown output may leave lines and parts of lines out, and differs in nothing else", () => {
  expect(findDifference("a …\n…\nrun in 3 s", "a b c\nx\ny\nrun  in 481 ms")).toBeUndefined();
  expect(findDifference("a\nb", "a\nc\nb")).toContain("other order, or there are others between");
  expect(findDifference("a\nb", "a\nc")).toContain("no line is `b`");
  expect(findDifference("2 rows", "3 rows")).toContain("no line is `2 rows`");
});

test("a block that is no file, command or output is refused", () => {
  expect(() => parseTutorial("Look:\n\n```ts\nexport {};\n```\n")).toThrow("nothing says what this block is");
  expect(() => parseTutorial("```sh sometimes\nls\n```\n")).toThrow("unknown word behind `sh`: sometimes");
});

function quarterOf(atMs: number): number {
  return Math.floor(atMs / 900_000);
}
