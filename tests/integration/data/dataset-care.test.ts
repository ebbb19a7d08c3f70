// Vacuum and optimize of a dataset: what they leave, what they refuse, and what is left when their process is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DatasetTargets } from "../../../src/core/dataset/dataset.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { createSmallProject } from "../../support/cli/small-project.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

async function append(times: number, targets: DatasetTargets = {}): Promise<void> {
  for (let id = 1; id <= times; id += 1) {
    const sql = `select ${id} as id, ${id} % 2 as p from range(2)`;
    await project.publish({ sql, output: { dataset: "t", mode: "append", ...targets } });
  }
}

async function dataFiles(): Promise<string[]> {
  return (await readdir(project.path("lake/t"), { recursive: true })).filter((name) => name.endsWith(".parquet"));
}

function atOnce(): { retain: "0s"; force: true } {
  project.nowMs = Date.now() + 1000;
  return { retain: "0s", force: true };
}

test("rows and versions are the same after an optimization and a vacuum, of which the dataset knows nothing", async () => {
  await append(4);
  const before = await project.rows("t");
  const optimized = await project.attempt().optimize("t");
  expect(optimized).toMatchObject({ removedFiles: 4, addedFiles: 1, skippedFiles: 0, dryRun: false });
  const vacuumed = await project.attempt().vacuum("t", atOnce());
  expect(vacuumed).toMatchObject({ deletedFiles: 4, retained: "0ms", dryRun: false });
  expect(await dataFiles()).toHaveLength(1);
  expect(await project.rows("t")).toEqual(before);
  expect(project.versions("t")).toHaveLength(4);
  await append(1);
  expect(await project.rows("t")).toHaveLength(10);
});

test("a run that publishes the same rows after an optimization finds them there", async () => {
  const same = { sql: "select i as id from range(3) t(i)", output: { dataset: "t" } } as const;
  await project.publish(same);
  await project.attempt().optimize("t", { sort: ["id"] });
  expect(await project.publish(same)).toMatchObject({ changed: false });
});

test("dry runs tell and change nothing", async () => {
  await append(3);
  expect(await project.attempt().optimize("t", { dryRun: true })).toMatchObject({ removedFiles: 3, dryRun: true });
  await project.attempt().optimize("t");
  expect(await project.attempt().vacuum("t", { ...atOnce(), dryRun: true })).toMatchObject({ deletedFiles: 3 });
  expect(await dataFiles()).toHaveLength(4);
});

test("a dataset without such a table, one that is not there, and options that are none are refused", async () => {
  await project.publish({ sql: "select 1 as id", output: { dataset: "t", parquet: { path: "out/t.parquet" } } });
  expect((await expectFailure(project.attempt().vacuum("t"))).code).toBe("TARGET_UNSUPPORTED");
  expect((await expectFailure(project.attempt().optimize("t"))).code).toBe("TARGET_UNSUPPORTED");
  expect((await expectFailure(project.attempt().vacuum("tt"))).message).toContain("did you mean `t`?");
  expect((await expectFailure(project.attempt().optimize("t", { targetSize: "big" }))).code).toBe("VALUE_INVALID");
});

test("a publication that executes meanwhile keeps the files that it is about to commit", async () => {
  await append(2);
  let vacuumed: unknown;
  await project.publish(
    { sql: "select 9 as id, 1 as p", output: { dataset: "t", mode: "append" } },
    {
      failpoint: async (name) => {
        if (name === "delta:placed") vacuumed = await project.attempt().vacuum("t", atOnce());
      },
    },
  );
  expect(vacuumed).toMatchObject({ deletedFiles: 0 });
  expect(await project.rows("t")).toHaveLength(5);
});

test("an attempt that has lost its run changes nothing", async () => {
  await append(3);
  const lost = (): never => {
    throw new MillraceError("RUN_LOST", "another worker has it");
  };
  const attempt = project.attempt({ isHeld: () => false });
  await expect(attempt.optimize("t")).rejects.toMatchObject({ code: "RUN_LOST" });
  await expect(project.attempt({ failpoint: lost }).vacuum("t", atOnce())).rejects.toMatchObject({ code: "RUN_LOST" });
  expect(await dataFiles()).toHaveLength(3);
});

describe("killed in the middle", () => {
  async function kill(failpoint: string, action: string): Promise<void> {
    const script = fileURLToPath(new URL("../../support/data/care-and-die.ts", import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, script, project.root, failpoint, action], {
      stdio: "inherit",
    });
    await once(child, "close");
    expect(child.signalCode).toBe("SIGKILL");
  }

  test.each(["delta:intended", "delta:placed", "delta:committed"])(
    "an optimization at %s has lost and doubled nothing, and the next attempt finishes it",
    async (failpoint) => {
      await append(3);
      const before = await project.rows("t");
      await kill(failpoint, "optimize");
      expect(await project.rows("t")).toEqual(before);
      await project.attempt({ runId: 9, epoch: 2 }).optimize("t");
      expect(await project.rows("t")).toEqual(before);
      // the three old ones, and the one that holds their rows
      expect(await dataFiles()).toHaveLength(4);
      expect(await readdir(project.staging).catch(() => [])).toEqual([]);
    },
  );

  test("a vacuum that dies before it deletes is done by the next attempt", async () => {
    await append(3);
    await project.attempt().optimize("t");
    await kill("delta:vacuuming", "vacuum");
    expect(await project.attempt({ runId: 9, epoch: 2 }).vacuum("t", atOnce())).toMatchObject({ deletedFiles: 3 });
    expect(await project.rows("t")).toHaveLength(6);
  });
});

test("`millrace datasets optimize` and `vacuum` are runs that tell what they did", async () => {
  await using small = await createSmallProject({
    "jobs/ingest.ts": `import { integrationJob } from "millrace";
export default integrationJob({
  name: "ingest",
  source: { file: { path: "in.csv" } },
  output: { dataset: "people", mode: "append" },
});
`,
    "in.csv": "id,name\n1,a\n2,b\n",
  });
  for (let run = 0; run < 3; run += 1) expect(await small.run("run", "ingest")).toMatchObject({ exitCode: 0 });
  const planned = await small.run("datasets", "optimize", "people", "--dry-run");
  expect(planned.stdout).toContain("would write again 3 files");
  const optimized = await small.run("datasets", "optimize", "people", "--sort", "id,name", "--target-size", "1MB");
  expect(optimized.stdout).toContain("wrote again 3 files");
  const refused = await small.run("datasets", "vacuum", "people", "--retain", "0s");
  expect(refused.exitCode).toBe(1);
  expect(refused.stdout + refused.stderr).toContain("keeps files that were removed 7d");
  const kept = await small.run("datasets", "vacuum", "people", "--json");
  expect(JSON.parse(kept.stdout)).toMatchObject({
    state: "FINISHED",
    result: { action: "vacuum", dataset: "people", deletedFiles: 0, retained: "7d" },
  });
  const forced = await small.run("datasets", "vacuum", "people", "--retain", "0s", "--force");
  expect(forced.stdout).toContain("deleted 3 files");
  expect((await small.run("datasets", "head", "people", "--json")).stdout).toContain('"name":"b"');
});
