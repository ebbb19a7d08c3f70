import { mkdir, readdir } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { publish, type PublishOptions } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { deltaHistory, deltaRelation, openDeltaScan, openDeltaSnapshot, removeUnreferenced } from "../delta-table.ts";
import { readCommit } from "../log/delta-log.ts";
import { type DeltaOptimizeInput, type DeltaOptimizeResult, optimizeDelta } from "./delta-optimize.ts";

const folder = useTemporaryFolder("delta-optimize");
const session = useEngineSession();
let table: string;
beforeEach(() => {
  table = join(folder(), randomUUID(), "table");
});

async function optimize(options: Partial<DeltaOptimizeInput> = {}): Promise<DeltaOptimizeResult> {
  const stagingDir = join(table, "..", "staging", randomUUID());
  await mkdir(stagingDir, { recursive: true });
  return await optimizeDelta({
    tablePath: table,
    session: session(),
    stagingDir,
    sort: [],
    targetBytes: 128_000_000,
    dryRun: false,
    onIntent: () => Promise.resolve(),
    assertHeld: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...options,
  });
}

async function rows(version?: number): Promise<string> {
  const snapshot = await openDeltaSnapshot(table, {
    session: session(),
    ...(version === undefined ? {} : { version }),
  });
  return JSON.stringify(
    await session().query(
      `SELECT CAST(t AS VARCHAR) AS row FROM (${await deltaRelation(session(), snapshot)}) AS t ORDER BY row`,
    ),
  );
}

async function fileCount(): Promise<number> {
  return (await openDeltaSnapshot(table, { session: session() })).files.length;
}

async function dataFiles(): Promise<string[]> {
  return (await readdir(table, { recursive: true })).filter((name) => name.endsWith(".zstd.parquet"));
}

const merge: PublishOptions = { mode: "merge", key: ["id"] };

test("small files of each partition become one, in one commit that says that no row has changed", async () => {
  const layout = { partitionBy: ["p"] };
  for (let id = 0; id < 6; id += 1) {
    await publish(session(), table, `select ${id} as id, ['a/b', null][1 + ${id} % 2] as p, {x: ${id}} as s`, layout);
  }
  const before = await rows();
  expect(await optimize()).toMatchObject({ version: 6, removedFiles: 6, addedFiles: 2, skippedFiles: 0 });
  expect(await rows()).toBe(before);
  expect(await rows(5)).toBe(before);
  expect(await fileCount()).toBe(2);
  const actions = (await readCommit(table, 6)) ?? [];
  expect(actions.flatMap(({ add, remove }) => add?.dataChange ?? remove?.dataChange ?? [])).toEqual(
    Array(8).fill(false),
  );
  expect((await deltaHistory(table))[0]).toMatchObject({ version: 6, operation: "OPTIMIZE", engineInfo: "millrace" });
  expect(await optimize()).toMatchObject({ version: 6, removedFiles: 0, addedFiles: 0 });
});

test("files that are large enough stay, and no file becomes larger than wished", async () => {
  for (let part = 0; part < 4; part += 1) await publish(session(), table, "select random() as v from range(5000)");
  const size = (await openDeltaSnapshot(table, { session: session() })).files[0]?.size ?? 0;
  expect(await optimize({ targetBytes: size - 100 })).toMatchObject({ removedFiles: 0 });
  expect(await optimize({ targetBytes: Math.floor(size * 2.5) })).toMatchObject({ removedFiles: 4, addedFiles: 2 });
});

test("sorted rows are in files with ranges of their own, and are not sorted again", async () => {
  const wish = { sort: ["ID"], targetBytes: 40_000 };
  for (let part = 0; part < 3; part += 1) {
    await publish(session(), table, `select (i * 7919 + ${part}) % 30011 as id, random() as v from range(8000) t(i)`);
  }
  const before = await rows();
  const { addedFiles } = await optimize(wish);
  expect(addedFiles).toBeGreaterThan(2);
  expect(await rows()).toBe(before);
  const { files } = await openDeltaSnapshot(table, { session: session() });
  const ranges = files.map(
    ({ stats }) => JSON.parse(stats ?? "{}") as { minValues: { id: number }; maxValues: { id: number } },
  );
  const ordered = ranges.toSorted((a, b) => a.minValues.id - b.minValues.id);
  for (const [at, range] of ordered.slice(1).entries())
    expect(range.minValues.id).toBeGreaterThanOrEqual(ordered[at]?.maxValues.id ?? 0);
  expect(await optimize(wish)).toMatchObject({ removedFiles: 0 });
  await publish(session(), table, "select 5::bigint as id, 0.5::double as v");
  expect((await optimize(wish)).removedFiles).toBe(files.length + 1);
});

test("a dry run tells what would be written again, and changes nothing", async () => {
  for (let id = 0; id < 3; id += 1) await publish(session(), table, `select ${id} as id`);
  expect(await optimize({ dryRun: true })).toMatchObject({ version: 2, removedFiles: 3, addedFiles: 0 });
  expect(await dataFiles()).toHaveLength(3);
});

test("a column that is not there, nested or of the partitions cannot be sorted by", async () => {
  await publish(session(), table, "select 1 as id, 'x' as p, {a: 1} as s", { partitionBy: ["p"] });
  for (const name of ["nope", "p", "s"]) {
    expect((await expectFailure(optimize({ sort: [name] }))).code).toBe("VALUE_INVALID");
  }
});

describe("somebody commits meanwhile", () => {
  beforeEach(async () => {
    for (let id = 0; id < 4; id += 1) {
      await publish(session(), table, `select ${id} as id, 'old' as name, ${id} // 2 as p`, { partitionBy: ["p"] });
    }
  });

  /** Optimizes while `rival` commits right before the optimization would. */
  async function race(rival: () => Promise<unknown>): Promise<DeltaOptimizeResult> {
    let isFirst = true;
    return await optimize({
      assertHeld: async () => {
        if (isFirst) {
          isFirst = false;
          await rival();
        }
      },
    });
  }

  const layout = { partitionBy: ["p"] };
  const read = "CAST(id AS VARCHAR) || name";
  async function names(): Promise<string[]> {
    const relation = await deltaRelation(session(), await openDeltaSnapshot(table, { session: session() }));
    const found = await session().query(`SELECT ${read} AS row FROM (${relation}) ORDER BY row`);
    return found.map(({ row }) => String(row));
  }

  test("an append is kept, and everything is still written again", async () => {
    const result = await race(() => publish(session(), table, "select 9 as id, 'new' as name, 0 as p", layout));
    expect(result).toMatchObject({ version: 5, removedFiles: 4, addedFiles: 2, skippedFiles: 0 });
    expect(await names()).toEqual(["0old", "1old", "2old", "3old", "9new"]);
  });

  test("a merge is kept, and files of its partition stay as it left them", async () => {
    const result = await race(() =>
      publish(session(), table, "select 1 as id, 'new' as name, 0 as p", { ...merge, ...layout }),
    );
    expect(result).toMatchObject({ version: 5, removedFiles: 2, addedFiles: 1, skippedFiles: 2 });
    expect(await names()).toEqual(["0old", "1new", "2old", "3old"]);
    expect(await dataFiles()).toHaveLength(6);
  });

  test("a replace leaves nothing to do, and no file behind", async () => {
    const result = await race(() =>
      publish(session(), table, "select 7 as id, 'new' as name, 0 as p", { mode: "replace", ...layout }),
    );
    expect(result).toMatchObject({ version: 4, addedFiles: 0, skippedFiles: 4 });
    expect(await names()).toEqual(["7new"]);
    expect(await dataFiles()).toHaveLength(5);
  });

  test("new columns make it a conflict that may be tried again", async () => {
    const rival = (): Promise<unknown> =>
      publish(session(), table, "select 9 as id, 'new' as name, 0 as p, 1 as more", layout);
    expect(await expectFailure(race(rival))).toMatchObject({ code: "TARGET_CONFLICT", disposition: "retry" });
    expect(await dataFiles()).toHaveLength(5);
  });

  test("an optimization of the same files comes second and changes nothing", async () => {
    expect(await race(() => optimize())).toMatchObject({ version: 4, addedFiles: 0, skippedFiles: 4 });
    expect(await names()).toEqual(["0old", "1old", "2old", "3old"]);
  });

  test("a merge that was planned before is made anew on top", async () => {
    let isFirst = true;
    await publish(session(), table, "select 2 as id, 'new' as name, 1 as p", {
      ...merge,
      ...layout,
      onIntent: async () => {
        if (isFirst) await optimize();
        isFirst = false;
      },
    });
    expect(await names()).toEqual(["0old", "1old", "2new", "3old"]);
  });
});

test("a run that publishes again after an optimization finds its own rows", async () => {
  const replace: PublishOptions = { mode: "replace", runId: "r2-a", fingerprint: "same" };
  await publish(session(), table, "select 1::bigint as id", { mode: "append", runId: "r1-a" });
  await publish(session(), table, "select i as id from range(3) t(i)", replace);
  await publish(session(), table, "select 7::bigint as id", { mode: "replace", runId: "r3-a" });
  await optimize();
  expect(await publish(session(), table, "select i as id from range(3) t(i)", replace)).toMatchObject({
    committed: false,
  });
  const late = publish(session(), table, "select 5::bigint as id", { mode: "replace", runId: "r2-9" });
  expect((await expectFailure(late)).code).toBe("RUN_SUPERSEDED");
});

test("who reads a version reads the better files of a later one with the same rows", async () => {
  for (let id = 0; id < 3; id += 1) await publish(session(), table, `select ${id} as id`);
  await optimize();
  const scan = await openDeltaScan(table, { session: session(), version: 2 });
  expect((await scan.select(undefined)).match(/part-/g)).toHaveLength(1);
});

test("files of an optimization that died are taken out, and those of one that was committed stay", async () => {
  for (let id = 0; id < 3; id += 1) await publish(session(), table, `select ${id} as id`);
  const intents: { names: readonly string[]; version: number }[] = [];
  const onIntent = (names: readonly string[], version: number): Promise<void> => {
    intents.push({ names, version });
    return Promise.resolve();
  };
  await optimize({ onIntent });
  const [intent] = intents;
  expect(intent?.names).toHaveLength(1);
  expect(await removeUnreferenced(table, intent?.names ?? [], intent?.version ?? 0)).toEqual([]);
  await expect(
    optimize({ onIntent, sort: ["id"], assertHeld: () => Promise.reject(new MillraceError("RUN_LOST", "died")) }),
  ).rejects.toThrow("died");
  expect(await dataFiles()).toHaveLength(4);
});
