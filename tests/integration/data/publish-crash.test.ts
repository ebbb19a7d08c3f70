// A publishing process is killed at every named moment; the next attempt ends where an undisturbed one would have.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Row } from "../../../src/compute/engine.ts";
import type { DatasetLocation, WriteMode } from "../../../src/core/dataset/dataset.ts";
import { findLeftovers, recoverStaging } from "../../../src/data/publish/recover-staging.ts";
import { defineVersion } from "../../../src/data/datasets/dataset-relation.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { crashRequest, rowsBefore, rowsOfRun } from "../../support/data/publish-and-die.ts";

// The first commit is that of the rows set aside.
const moments = [
  "staged 1",
  "audited 1",
  "delta:publishing 1",
  "delta:intended 1",
  "delta:committed 1",
  "recorded 1",
  "parquet:publishing 1",
  "parquet:intended 1",
  "parquet:renamed 1",
  "csv:publishing 1",
  "csv:intended 1",
  "csv:renamed 1",
  "sqlite:publishing 1",
  "sqlite:written 1",
  "sqlite:committed 1",
  "duckdb:publishing 1",
  "duckdb:written 1",
  "duckdb:committed 1",
  "delta:publishing 2",
  "delta:intended 2",
  "delta:committed 2",
  "recorded 2",
];

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

async function publishAndDie(mode: WriteMode, moment: string): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/publish-and-die.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, project.root, mode, ...moment.split(" ")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  if (child.signalCode !== "SIGKILL") throw new Error(`the publisher was not killed: ${errors}`);
}

/** Rows of every location, as a reader finds them now. */
async function readTargets(): Promise<Record<string, Row[]>> {
  await using session = await project.engine.open();
  const latest = project.versions("t").at(-1);
  const found: Record<string, Row[]> = {};
  for (const location of latest?.locations ?? []) {
    // a Delta table is read at its newest version, which may be one that is not recorded yet
    const version = { ...latest!, locations: [await newest(location)] };
    await defineVersion(session, "published", version, { spool: project.path("spool"), warn: () => undefined });
    found[location.format] = [...(await session.query("select id, name from published order by all"))];
  }
  return found;
}

async function newest(location: DatasetLocation): Promise<DatasetLocation> {
  if (location.format !== "delta") return location;
  const commits = (await readdir(`${location.path}/_delta_log`)).filter((name) => /^\d{20}\.json$/.test(name));
  return { ...location, version: commits.length - 1 };
}

const before: Row[] = [
  { id: 1, name: "one" },
  { id: 2, name: "two" },
];
const after: Readonly<Record<string, Row[]>> = {
  replace: [
    { id: 2, name: "zwei" },
    { id: 3, name: "drei" },
  ],
  merge: [
    { id: 1, name: "one" },
    { id: 2, name: "zwei" },
    { id: 3, name: "drei" },
  ],
  scd2: [...before, { id: 2, name: "zwei" }, { id: 3, name: "drei" }],
};

const nobody = { isLive: () => Promise.resolve(false) };

const momentsOf = {
  replace: moments,
  merge: moments.filter((moment) => !/^(parquet|csv|ndjson)/.test(moment)),
  scd2: moments.filter((moment) => /^(sqlite:written|duckdb:written|delta:committed 2)/.test(moment)),
};

describe.each(["replace", "merge", "scd2"] as const)("killed while it publishes by %s", (mode) => {
  test.each(momentsOf[mode])("at `%s`, every table is whole, and right after the next attempt", async (moment) => {
    await project.publish(crashRequest(mode, rowsBefore), { runId: 1 });
    await publishAndDie(mode, moment);
    const wanted = after[mode] ?? [];
    for (const rows of Object.values(await readTargets())) expect([before, wanted]).toContainEqual(rows);

    await recoverStaging({ staging: project.staging, ...nobody });
    expect(await findLeftovers({ staging: project.staging, ...nobody })).toEqual([]);
    expect(await readdir(project.staging)).toEqual([]);

    const result = await project.publish(crashRequest(mode, rowsOfRun), { runId: 2, epoch: 2 });
    expect(result).toMatchObject({ rows: 2, quarantined: 1, dataset: { runId: 2, rowCount: wanted.length } });
    for (const rows of Object.values(await readTargets())) expect(rows).toEqual(wanted);
    const aside = "select id, name, _reasons, _quarantine_run from t_quarantine";
    const setAside = { id: 4, name: null, _reasons: ["named"], _quarantine_run: "r2" };
    expect(await project.rows("t_quarantine", aside)).toEqual([setAside]);
    expect(project.versions("t")).toHaveLength(2);
    expect(await readdir(project.staging)).toEqual([]);
    expect((await readdir(project.path("out"))).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

test.each(
  moments.filter((moment) =>
    /^(parquet|csv|ndjson|sqlite|duckdb|delta):(intended|renamed|written|committed)|recorded/.test(moment),
  ),
)("killed at `%s` while it appends, the next attempt adds the rows once", async (moment) => {
  await project.publish(crashRequest("append", rowsBefore), { runId: 1 });
  await publishAndDie("append", moment);
  const result = await project.publish(crashRequest("append", rowsOfRun), { runId: 2, epoch: 2 });
  expect(result).toMatchObject({ rows: 2, dataset: { rowCount: 4 } });
  const wanted = [
    { id: 1, name: "one" },
    { id: 2, name: "two" },
    { id: 2, name: "zwei" },
    { id: 3, name: "drei" },
  ];
  for (const rows of Object.values(await readTargets())) expect(rows).toEqual(wanted);
  expect(await readdir(project.staging)).toEqual([]);
});

test("a live attempt's staging is left alone, a dead one's is told and removed", async () => {
  await project.publish(crashRequest("replace", rowsBefore), { runId: 1 });
  await publishAndDie("replace", "parquet:intended 1");
  await recoverStaging({ staging: project.staging, isLive: () => Promise.resolve(true) });
  expect(await readdir(project.staging)).toEqual(["2-1"]);
  const leftovers = await findLeftovers({ staging: project.staging, ...nobody });
  expect(leftovers).toHaveLength(2);
  expect(leftovers[0]).toContain("run `r2` (epoch 1) left staged rows at");
  expect(leftovers[1]).toContain("left an unpublished file");
  await recoverStaging({ staging: project.staging, ...nobody });
  expect(await readdir(project.staging)).toEqual([]);
});
