// A reset plans to remove the tables of the dataset and no table that another dataset uses.
import { describe, expect, test } from "vitest";
import type { DatasetLocation, DatasetVersion } from "../../core/dataset/dataset.ts";
import type { RunId } from "../../core/run-id.ts";
import { planReset, type ResetStore } from "./plan-reset.ts";

function published(dataset: string, locations: readonly DatasetLocation[], version = 1): DatasetVersion {
  return {
    dataset,
    version,
    runId: version as RunId,
    job: `make_${dataset}`,
    locations,
    schema: [],
    rowCount: 1,
    fingerprint: "f",
    createdAtMs: 0,
  };
}

/** A store that knows these versions, oldest first. */
function storeOf(versions: readonly DatasetVersion[]): ResetStore {
  const newestFirst = versions.toReversed();
  return {
    listDatasets: async () => [...new Map(versions.map((each) => [each.dataset, each])).values()],
    listDatasetVersions: async (name, before = Infinity, limit) =>
      newestFirst.filter(({ dataset, version }) => dataset === name && version < before).slice(0, limit),
    listWatermarks: async () => [],
  };
}

const names = [
  "orders",
  "Orders",
  "ORDERS",
  "order",
  "orders ",
  "Ärzte",
  "ärzte",
  "ÄRZTE",
  "straße",
  "STRASSE",
  "\u212A",
  "k",
];
const fold = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

describe.each(["sqlite", "duckdb"] as const)("a table of %s", (format) => {
  const at = (table: string, path = "/p/t.db"): DatasetLocation => ({ format, path, table });

  test.each(names)("that another dataset calls `%s` stays", async (name) => {
    for (const other of names) {
      const plan = await planReset(storeOf([published("a", [at(name)]), published("b", [at(other)])]), "a");
      const [kept, gone] = fold(name) === fold(other) ? [[at(name)], []] : [[], [at(name)]];
      expect([other, plan.shared, plan.tables]).toEqual([other, kept, gone]);
    }
  });

  test("whose name changed its case is one, and each of a set of others goes", async () => {
    const versions = names.map((name, index) => published("a", [at(name)], index + 1));
    const { tables } = await planReset(storeOf(versions), "a");
    const folded = tables.map((table) => ("table" in table ? fold(table.table) : ""));
    expect(folded.toSorted()).toEqual([...new Set(names.map(fold))].toSorted());
  });

  test("in another file, or of another format, is another one", async () => {
    const others = [
      at("orders", "/p/other.db"),
      { format: format === "sqlite" ? "duckdb" : "sqlite", path: "/p/t.db", table: "orders" } as const,
    ];
    const plan = await planReset(storeOf([published("a", [at("orders")]), published("b", others)]), "a");
    expect(plan).toMatchObject({ tables: [at("orders")], shared: [] });
  });
});

test("paths tell upper from lower case, and versions of a Delta table are one table", async () => {
  const delta = (path: string, version: number): DatasetLocation => ({ format: "delta", path, version });
  const versions = [
    published("a", [delta("/lake/a", 0)]),
    published("b", [delta("/lake/A", 0)]),
    published("a", [delta("/lake/a", 1)], 2),
  ];
  const plan = await planReset(storeOf(versions), "a");
  expect(plan.tables.map(({ path }) => path)).toEqual(["/lake/a"]);
  expect(plan.newest).toEqual([{ dataset: "a", version: 2, runId: 2 }]);
});
