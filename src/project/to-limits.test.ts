import { expect, test } from "vitest";
import { defineJob } from "../core/job/job.ts";
import { toLimits } from "./to-limits.ts";

test("limits of the configuration and of jobs become capacities of gates", () => {
  const jobs = [
    defineJob({ name: "free", execute: () => 1 }),
    defineJob({ name: "tight", concurrency: 2, execute: () => 1 }),
  ];
  const limits = { pools: { gpu: 1 }, connections: { github: 5 }, tenants: { acme: 10 } };
  expect(toLimits({ limits }, jobs)).toEqual([
    { gate: "pool:gpu", capacity: 1 },
    { gate: "connection:github", capacity: 5 },
    { gate: "tenant:acme", capacity: 10 },
    { gate: "job:tight", capacity: 2 },
  ]);
});
