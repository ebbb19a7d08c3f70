// A folder holds a table and whatever others put beside its files; a deletion takes the table alone, also in several tries.
import { existsSync } from "node:fs";
import type * as FileSystem from "node:fs/promises";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { publish } from "../support/data/delta-publish.ts";
import { useEngineSession } from "../support/data/engine-session.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { deleteDeltaTable } from "../../src/data/delta/write/delta-deletion.ts";
import { toLogPath } from "../../src/data/delta/log/delta-path.ts";

const folder = useTemporaryFolder("delta-deletion");
const session = useEngineSession();

/** Steps that succeed before one fails. */
const steps = vi.hoisted(() => ({ left: Infinity }));
vi.mock("node:fs/promises", async (load) => {
  const real = await load<typeof FileSystem>();
  function counted<A extends unknown[], R>(step: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      steps.left -= 1;
      if (steps.left < 0) throw new Error("killed");
      return step(...args);
    };
  }
  return { ...real, rm: counted(real.rm), rename: counted(real.rename), rmdir: counted(real.rmdir) };
});
beforeEach(() => {
  steps.left = Infinity;
});

const uuid = "0b7c1c7e-4c1f-4a3b-9d6e-1f2a3b4c5d6e";
const ours = `part-${uuid}.zstd.parquet`;
const places = ["", "day=1", "day=2%2F/region=é x", `value-${"0a".repeat(16)}`] as const;
const at = (names: readonly string[], name: string): string[] => names.map((each) => join(each, name));

/** Files whose names the log has, as people and other writers call them. */
const named = [
  ...at(places, "part-00000-77-c000.snappy.parquet"),
  ...at(places, "rows.parquet"),
  "deep/er/and deeper/x#1%.parquet",
];
/** What a crashed attempt of ours leaves. */
const leftovers = at(places, ours);
/** What is not the table's: files, and the folders of other tables. */
const others = [
  ...[
    ...at(places, "delivery.parquet"),
    ...at(places, "part-r7-k3jd.parquet"),
    ...at(places, "part-3.parquet"),
    ...at(["", "deliveries/day=1"], "notes.txt"),
    `backup/${ours}`,
    `day=1/backup/${ours}`,
    "../beside/rows.parquet",
  ].map((file) => [file]),
  ...["late", "day=1/late", "day=3"].map((table) => [
    `${table}/_delta_log/${"0".repeat(20)}.json`,
    `${table}/${ours}`,
    `${table}/day=1/${ours}`,
  ]),
];

interface Layout {
  /** Each file of the table, and whether a commit adds or removes it. */
  readonly files: readonly (readonly [string, "add" | "remove", number])[];
  readonly leftovers: readonly string[];
  readonly others: readonly string[];
  readonly damage: "none" | "torn" | "lost";
  readonly steps: number;
}

const layout: fc.Arbitrary<Layout> = fc.record({
  files: fc
    .subarray(named)
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.tuple(fc.constant(name), fc.constantFrom("add" as const, "remove" as const), fc.nat({ max: 2 })),
        ),
      ),
    ),
  leftovers: fc.subarray(leftovers),
  others: fc.subarray(others).map((groups) => groups.flat()),
  damage: fc.constantFrom("none", "torn", "lost"),
  steps: fc.nat({ max: 12 }),
});

async function make(table: string, { files, damage, ...rest }: Layout): Promise<void> {
  for (const file of [...files.map(([name]) => name), ...rest.leftovers, ...rest.others]) {
    await mkdir(dirname(join(table, file)), { recursive: true });
    await writeFile(join(table, file), "");
  }
  await mkdir(join(table, "_delta_log"), { recursive: true });
  const outside = [
    { add: { path: "../beside/rows.parquet", partitionValues: {} } },
    { add: { path: "s3://b/x", partitionValues: {} } },
  ];
  for (const commit of [0, 1, 2]) {
    const actions = files.flatMap(([name, kind, in_]) =>
      in_ === commit ? [{ [kind]: { path: toLogPath(name), partitionValues: {} } }] : [],
    );
    const lines = [...outside, ...actions].map((action) => `${JSON.stringify(action)}\n`).join("");
    const text = damage === "none" || commit > 0 ? lines : damage === "torn" ? `${lines}{"add":{"pa` : "garbage";
    await writeFile(join(table, "_delta_log", `${String(commit).padStart(20, "0")}.json`), text);
  }
  await writeFile(join(table, "_delta_log", `${"2".padStart(20, "0")}.checkpoint.parquet`), "no parquet");
}

async function listFiles(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

test("whatever lies in the folder of a table, its deletion takes the table's own files, in as many tries as it needs", async () => {
  await fc.assert(
    fc.asyncProperty(layout, async (made) => {
      steps.left = Infinity;
      const root = join(folder(), randomUUID());
      const table = join(root, "orders");
      await make(table, made);
      const lost =
        made.damage === "lost" ? made.files.filter(([, , commit]) => commit === 0).map(([name]) => name) : [];
      const wanted = [...made.others, ...lost].map((name) => join(table, name));
      steps.left = made.steps;
      await deleteDeltaTable(session(), table).catch((error: unknown) => {
        expect(((error as Error).cause ?? error) as Error).toHaveProperty("message", "killed");
      });
      steps.left = Infinity;
      await deleteDeltaTable(session(), table);
      expect((await listFiles(root)).toSorted()).toEqual(wanted.toSorted());
      if (wanted.every((file) => !file.startsWith(`${table}/`))) expect(existsSync(join(table, "day=1"))).toBe(false);
    }),
    { numRuns: 150 },
  );
});

test("files that only a checkpoint names are the table's, too, and a table that was made since an interruption", async () => {
  const table = join(folder(), randomUUID(), "orders");
  for (let id = 0; id < 12; id += 1)
    await publish(session(), table, `select ${id} as id, ${id % 2} as p`, { partitionBy: ["p"] });
  for (let commit = 0; commit <= 10; commit += 1)
    await rm(join(table, "_delta_log", `${String(commit).padStart(20, "0")}.json`));
  await writeFile(join(table, "_delta_log", "notes.parquet"), "");
  steps.left = 4;
  await expect(deleteDeltaTable(session(), table)).rejects.toThrow("killed");
  steps.left = Infinity;
  expect(existsSync(join(table, "_delta_log"))).toBe(false);
  await publish(session(), table, "select 1 as id, 7 as p", { partitionBy: ["p"] });
  await deleteDeltaTable(session(), table);
  expect(existsSync(table)).toBe(false);
});
