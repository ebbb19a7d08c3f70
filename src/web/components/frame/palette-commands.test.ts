// What the palette finds.
import { expect, test } from "vitest";
import { listCommands, toCommands } from "./palette-commands.ts";

test("all words of the text have to be in a command, in any order and case", () => {
  expect(listCommands("RUNS to", "viewer").map(({ label }) => label)).toEqual(["Go to Runs"]);
  expect(listCommands("no such thing", "admin")).toEqual([]);
});

test("actions of the orchestrator are offered to those who may use them", () => {
  expect(listCommands("orchestrator", "viewer").map(({ key }) => key)).toEqual(["/orchestrator"]);
  expect(listCommands("orchestrator", "operator").map(({ key }) => key)).toEqual([
    "/orchestrator",
    "orchestrator:start",
    "orchestrator:stop",
  ]);
});

test("what the server found comes in its order, with starting the first job last", () => {
  const found = {
    jobs: [{ job_name: "loads", kind: "job" as const, description: null }],
    runs: [],
    datasets: ["loads_rows"],
  };
  expect(toCommands(found, "operator").map(({ key }) => key)).toEqual([
    "job:loads",
    "dataset:loads_rows",
    "start:loads",
  ]);
  expect(toCommands(found, "viewer").map(({ key }) => key)).toEqual(["job:loads", "dataset:loads_rows"]);
});
