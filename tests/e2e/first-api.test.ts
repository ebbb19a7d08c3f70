// The guide "Your first API" does what it says: its service, files and commands in their order, in an empty folder.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliProject } from "../support/cli/cli-project.ts";
import { parseTutorial } from "../support/docs/tutorial.ts";
import { findDifferences, type Walk, walkTutorial } from "../support/docs/walk-tutorial.ts";

const guide = join(import.meta.dirname, "../../docs/guides/first-api.md");

let project: CliProject;
let service: ChildProcess;
let walk: Walk;

beforeAll(async () => {
  const steps = parseTutorial(await readFile(guide, "utf8"));
  project = await CliProject.create({});
  const [crm] = steps;
  if (crm?.kind !== "file") throw new Error("expected the guide to begin with the service");
  await project.write(crm.path, crm.text);
  service = spawn(process.execPath, [crm.path], { cwd: project.path, stdio: ["ignore", "pipe", "inherit"] });
  if (service.stdout !== null) await once(service.stdout, "data");
  walk = await walkTutorial(project, steps.slice(1));
});

afterAll(async () => {
  await walk?.[Symbol.asyncDispose]();
  if (service?.exitCode === null) {
    service.kill();
    await once(service, "exit");
  }
  await project?.[Symbol.asyncDispose]();
});

test("every command of the guide prints what the guide shows", () => {
  expect(walk.printed.length).toBeGreaterThan(4);
  expect(findDifferences(walk.printed)).toEqual([]);
});
