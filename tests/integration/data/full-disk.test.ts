// The disk fills up while a dataset is published: at a named moment of each target, and for real where a small disk can be mounted.
import { execFileSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PublishRequest } from "../../../src/core/job/job-context.ts";
import { canMount } from "../../support/can-mount.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const targets = {
  delta: { delta: {} },
  parquet: { parquet: { path: "out/t.parquet" } },
  csv: { csv: { path: "out/t.csv" } },
  ndjson: { ndjson: { path: "out/t.ndjson" } },
  sqlite: { sqlite: { path: "out/t.sqlite" } },
  duckdb: { duckdb: { path: "out/t.duckdb" } },
} as const;

test.each([
  ["delta", "delta:intended"],
  ["parquet", "parquet:intended"],
  ["csv", "csv:intended"],
  ["ndjson", "ndjson:intended"],
  ["sqlite", "sqlite:written"],
  ["duckdb", "duckdb:written"],
] as const)(
  "a %s target stays as it was, nothing is left behind, and the run is tried again",
  async (format, moment) => {
    const request = (id: number): PublishRequest => ({
      sql: `select ${id} as id`,
      output: { dataset: "t", ...targets[format] },
    });
    await project.publish(request(1));
    const failpoint = (name: string): void => {
      if (name === moment) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    const error = await expectFailure(project.publish(request(2), { runId: 7, failpoint }));
    expect(error).toMatchObject({ code: "DISK_FULL", disposition: "retry" });
    expect(await project.rows("t")).toEqual([{ id: 1 }]);
    expect(await readdir(project.staging).catch(() => [])).toEqual([]);
    expect((await project.publish(request(2), { runId: 7, epoch: 2 })).changed).toBe(true);
    expect(await project.rows("t")).toEqual([{ id: 2 }]);
  },
);

const mounted = canMount();

test.skipIf(!mounted)("on a disk that is really full, staging says so and names the way out", async () => {
  const folder = project.root;
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  try {
    const request: PublishRequest = { sql: "select random() as r from range(2000000)", output: { dataset: "t" } };
    const error = await expectFailure(project.publish(request));
    expect(error).toMatchObject({ code: "DISK_FULL", disposition: "retry", hint: expect.stringContaining("space") });
    expect(project.versions("t")).toEqual([]);
  } finally {
    execFileSync("umount", ["-l", folder]);
  }
});
