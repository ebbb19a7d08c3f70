// The guide "Streams" does what it says: its files and commands in their order, in an empty folder.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliProject } from "../support/cli/cli-project.ts";
import { parseTutorial } from "../support/docs/tutorial.ts";
import { findDifferences, type Walk, walkTutorial } from "../support/docs/walk-tutorial.ts";

const guide = join(import.meta.dirname, "../../docs/guides/streams.md");

let project: CliProject;
let walk: Walk;

beforeAll(async () => {
  project = await CliProject.create({});
  await project.link("zod");
  walk = await walkTutorial(project, parseTutorial(await readFile(guide, "utf8")));
});

afterAll(async () => {
  await walk?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

test("every command of the guide prints what the guide shows", () => {
  expect(walk.printed.length).toBeGreaterThan(6);
  expect(findDifferences(walk.printed)).toEqual([]);
});
