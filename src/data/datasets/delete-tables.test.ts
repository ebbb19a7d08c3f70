import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createDuckDbEngine } from "../../compute/duckdb/duckdb-engine.ts";
import { deleteTables } from "./delete-tables.ts";

async function leftAfterDeleting(
  files: readonly string[],
  location: { readonly format: "delta"; readonly version: number } | { readonly format: "parquet" } = {
    format: "delta",
    version: 0,
  },
): Promise<readonly string[]> {
  const root = await mkdtemp(join(tmpdir(), "millrace-delete-"));
  try {
    for (const file of files) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), file === log ? named : "");
    }
    const tables = [{ ...location, path: join(root, "lake/orders") }];
    const engine = createDuckDbEngine({ threads: 1, memoryLimit: "200MB" });
    await deleteTables({ engine, root: join(root, "project"), datasets: ["orders"], tables });
    const left = await readdir(root, { recursive: true, withFileTypes: true });
    return left
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
  } finally {
    await rm(root, { recursive: true });
  }
}

const log = "lake/orders/_delta_log/0.json";
const named = ["part-1.parquet", "day=1/part-2.parquet"]
  .map((path) => `${JSON.stringify({ add: { path, partitionValues: {} } })}\n`)
  .join("");
const table = [log, "lake/orders/part-1.parquet", "lake/orders/day=1/part-2.parquet"];

test.each([
  ["of another dataset", ["lake/orders/late/_delta_log/0.json", "lake/orders/late/part-3.parquet"]],
  ["of another dataset, deep in it", ["lake/orders/a/b/_delta_log/0.json", "lake/orders/a/b/day=1/part-3.parquet"]],
  ["beside it", ["lake/orders_quarantine/_delta_log/0.json", "lake/orders_quarantine/part-3.parquet"]],
  ["of another dataset's Parquet target", ["lake/orders/day=1/late.parquet", "lake/orders/part-r3-abc.parquet"]],
  ["of a person", ["lake/orders/README.md", "lake/orders/day=1/notes.txt"]],
])("deleting a Delta table leaves files %s alone", async (_whose, others) => {
  const left = await leftAfterDeleting([...table, ...others]);
  expect(left.toSorted()).toEqual(others.toSorted());
});

test("a folder that is no table stays as it is", async () => {
  expect(await leftAfterDeleting(["lake/orders/part-1.parquet"])).toEqual(["lake/orders/part-1.parquet"]);
});

test("of a folder of Parquet files those go that runs have added", async () => {
  const others = [
    "lake/orders/part-2024.parquet",
    `lake/orders/part-${randomUUID()}.zstd.parquet`,
    "lake/orders/a.parquet",
  ];
  const left = await leftAfterDeleting(["lake/orders/part-r12-m1x9.parquet", ...others], { format: "parquet" });
  expect(left.toSorted()).toEqual(others.toSorted());
  expect(await leftAfterDeleting(["lake/orders/part-r12-m1x9.parquet"], { format: "parquet" })).toEqual([]);
});
