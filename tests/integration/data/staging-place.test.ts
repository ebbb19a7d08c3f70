// A lake on another file system than the project: rows are staged there, and what a crash leaves there is found and removed.
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findLeftovers, recoverStaging } from "../../../src/data/publish/recover-staging.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

const memory = "/dev/shm";
const isOtherFileSystem = existsSync(memory) && (await stat(memory)).dev !== (await stat(tmpdir())).dev;

// Without a second file system that anybody may write to, nothing of this can be seen.
describe.skipIf(!isOtherFileSystem)("a lake on another file system", () => {
  let project: DataProject;
  let lake: string;
  beforeEach(async () => {
    project = await DataProject.create();
    lake = await mkdtemp(join(memory, "millrace-lake-"));
  });
  afterEach(async () => {
    await project[Symbol.asyncDispose]();
    await rm(lake, { recursive: true, force: true });
  });

  const ways = [
    ["by an absolute path", async () => join(lake, "deep/down/t")],
    ["by a link of the project to the lake", async () => (await symlink(lake, project.path("lake")), "lake/t")],
    ["by a link to the table", async () => (await symlink(lake, project.path("t")), project.path("t"))],
  ] as const;
  const modes = [
    ["replace", {}],
    ["append", {}],
    ["merge", { key: ["id"] }],
  ] as const;
  const kinds = ways.flatMap(([way, at]) => modes.map(([mode, more]) => ({ way, at, mode, more })));

  test.each(kinds)("a table that is reached $way takes $mode, partitioned too", async ({ at, mode, more }) => {
    const path = await at();
    for (const sql of ["select 1 as id, 'a' as p", "select 2 as id, 'b' as p", "select 2 as id, 'c' as p"]) {
      await project.publish({ sql, output: { dataset: "t", mode, ...more, delta: { path, partitionBy: ["p"] } } });
    }
    const rows = await project.rows("t");
    expect(rows).toEqual(
      {
        replace: [[2, "c"]],
        append: [
          [1, "a"],
          [2, "b"],
          [2, "c"],
        ],
        merge: [
          [1, "a"],
          [2, "c"],
        ],
      }[mode].map(([id, p]) => ({ id, p })),
    );
    expect(await stagedBelow(lake)).toEqual([]);
    expect(existsSync(project.staging) ? await readdir(project.staging) : []).toEqual([]);
  });

  test("rows that checks refuse are kept in the project, and rows that are set aside are published there", async () => {
    const output = { dataset: "t", delta: { path: join(lake, "t") } };
    const sql = "select unnest([1, null]) as id";
    const error = await expectFailure(project.publish({ sql, output, checks: [{ notNull: ["id"] }] }));
    expect(error.code).toBe("CHECKS_FAILED");
    expect(await readdir(join(project.staging, "failed/t/rows"))).toEqual(["rows.parquet"]);
    const checks = [{ notNull: ["id"], severity: "quarantine" as const }];
    expect(await project.publish({ sql, output, checks })).toMatchObject({ rows: 1, quarantined: 1 });
    expect(await project.rows("t_quarantine", "select id from t_quarantine")).toEqual([{ id: null }]);
    expect(await stagedBelow(lake)).toEqual([]);
  });

  test.each(["staged", "delta:intended", "delta:placed", "delta:committed"])(
    "what an attempt leaves that died at %s is told, and removed",
    async (moment) => {
      const output = { dataset: "t", delta: { path: join(lake, "t") } };
      const input = { staging: project.staging, isLive: () => Promise.resolve(false) };
      let told: readonly string[] = [];
      const failpoint = async (name: string): Promise<void> => {
        if (name !== moment) return;
        told = await findLeftovers(input);
        await recoverStaging(input);
        expect(await stagedBelow(lake)).toEqual([]);
        throw new Error("killed");
      };
      await expectFailure(project.publish({ sql: "select 1 as id", output }, { failpoint }));
      expect(told.join("\n")).toContain(join(lake, ".millrace-staging."));
      expect(await findLeftovers(input)).toEqual([]);
    },
  );
});

/** What is left of staging in the lake. */
async function stagedBelow(lake: string): Promise<string[]> {
  const names = await readdir(lake, { recursive: true });
  return names.filter((name) => name.includes(".millrace"));
}
