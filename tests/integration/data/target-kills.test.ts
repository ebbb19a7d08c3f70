// A sample of `npm run kills`: publishers that are killed, or whose disk is full, in the middle of a large transaction.
import { rm, truncate } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDamage } from "../../../src/data/datasets/find-damage.ts";
import { createTemplate, killOnce, killPublisher, type TargetFault } from "../../chaos/targets/target-kills.ts";
import { canMount } from "../../support/can-mount.ts";
import { DataProject } from "../../support/data/data-project.ts";

const merges = { mode: "merge", exists: true } as const;
const faults: readonly TargetFault[] = [
  { format: "sqlite", ...merges, kind: "bytes", suffix: "-journal", bytes: 1_000_000 },
  { format: "duckdb", mode: "replace", exists: false, kind: "bytes", suffix: ".millrace", bytes: 200_000 },
  { format: "sqlite", ...merges, kind: "limit", bytes: 3_000_000 },
];
const fullDisks: readonly TargetFault[] = [
  { format: "duckdb", mode: "replace", exists: false, kind: "disk", bytes: 300_000 },
];

let template: DataProject;
beforeAll(async () => {
  template = await createTemplate({ format: "sqlite", ...merges });
});
afterAll(() => template[Symbol.asyncDispose]());

test.each(canMount() ? [...faults, ...fullDisks] : faults)(
  "nothing is stuck, lost, doubled or left after $format $mode meets $kind",
  async (fault) => {
    const { end, findings } = await killOnce(template.root, fault);
    expect(findings).toEqual([]);
    expect(["killed", "DISK_FULL"]).toContain(end);
  },
);

test("an interrupted transaction is told before anybody trips over it, and rolled back by the first reader", async () => {
  const fault = { format: "sqlite", ...merges, kind: "moment", moment: "sqlite:written", occurrence: 1 } as const;
  await using project = await createTemplate(fault);
  expect(await killPublisher(project.root, fault)).toBe("killed");
  const versions = project.versions("t");
  expect(await findDamage(project.engine, versions)).toEqual([expect.stringContaining("t.sqlite` was interrupted")]);
  expect(await project.rows("t", "select count(*) as n, max(run) as run from t")).toEqual([{ n: 60_000n, run: 1 }]);
  expect(await findDamage(project.engine, versions)).toEqual([]);
});

test.each(["sqlite", "duckdb", "parquet", "csv", "ndjson"] as const)(
  "a %s file that was cut off is told with its dataset",
  async (format) => {
    await using project = await DataProject.create();
    const path = `out/t.${format}`;
    const { dataset } = await project.publish({
      sql: "select i, md5(i::varchar) as text from range(20000) r(i)",
      output: { dataset: "t", [format]: { path } },
    });
    expect(await findDamage(project.engine, [dataset])).toEqual([]);
    await truncate(project.path(path), 50);
    const [line, ...others] = await findDamage(project.engine, [dataset]);
    expect(line).toContain("dataset `t`: ");
    expect(line).toContain(project.path(path));
    expect(others).toEqual([]);
    await rm(project.path(path));
    expect(await findDamage(project.engine, [dataset])).toEqual([]);
  },
);
