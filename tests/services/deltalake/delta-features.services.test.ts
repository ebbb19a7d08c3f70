// Tables with the newer features of Delta: Millrace and the `deltalake` package read the same rows, before Millrace wrote there and after.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { deltaRelation, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";
import { buildDeltaTable, column, mapped } from "../../support/data/delta-builder.ts";
import { publish } from "../../support/data/delta-publish.ts";
import { inlineVector, storedVectors } from "../../support/data/deletion-vectors.ts";
import { useEngineSession } from "../../support/data/engine-session.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { DeltaRs, ensureDeltaPython, toPlainRows } from "./delta-rs.ts";

const folder = useTemporaryFolder("deltalake-features");
const session = useEngineSession();
let deltaRs: DeltaRs;

beforeAll(async () => {
  deltaRs = new DeltaRs(await ensureDeltaPython());
});

async function expectSameRows(table: string, count: number): Promise<void> {
  const relation = await deltaRelation(session(), await openDeltaSnapshot(table, { session: session() }));
  const own = toPlainRows(await session().query(relation));
  expect(own).toHaveLength(count);
  expect(toPlainRows(await deltaRs.query(table))).toEqual(own);
}

test("times without a zone that deltalake wrote take rows of Millrace", async () => {
  const table = join(folder(), randomUUID());
  await deltaRs.write(table, "naive-time");
  await expectSameRows(table, 1);
  await publish(session(), table, `select timestamp '2021-03-28 02:30:00.5' as "at"`);
  await publish(session(), table, `select timestamp '1969-12-31 23:59:59.999999' as "at"`, {
    mode: "merge",
    key: ["at"],
  });
  await expectSameRows(table, 3);
});

test.each(["name", "id"])("deletion vectors beside the column mapping %s stay readable", async (mode) => {
  const table = join(folder(), randomUUID());
  const fields = [
    mapped("id", "long", "col-a", 1),
    mapped("place", { type: "struct", fields: [mapped("city", "string", "col-c", 3)] }, "col-b", 2),
    mapped("p", "string", "col-d", 4),
  ];
  const [stored] = storedVectors(table, [[0, 1, 4095]]);
  const file = (from: number, p: string): object => ({
    rows: `select range as "col-a", {'col-c': 'city ' || range} as "col-b" from range(${from}, ${from + 5000})`,
    fieldIds: { "col-a": { id: 1 }, "col-b": { id: 2, fields: { "col-c": { id: 3 } } } },
    partitionValues: { "col-d": p },
  });
  await buildDeltaTable(session(), table, {
    fields,
    partitionColumns: ["p"],
    configuration: { "delta.columnMapping.mode": mode, "delta.columnMapping.maxColumnId": "4" },
    features: ["columnMapping", "deletionVectors"],
    files: [
      { ...file(0, "a"), deletionVector: inlineVector([7, 2048]) },
      { ...file(5000, "b"), deletionVector: stored },
    ] as never,
  });
  await expectSameRows(table, 9995);
  const rows = `select unnest([7, 8])::bigint as id, {'city': 'new'} as place, 'a' as p, [{'n': 1.5}] as more`;
  await publish(session(), table, rows, { mode: "merge", key: ["id", "p"], partitionBy: ["p"] });
  await expectSameRows(table, 9996);
});

test("a checkpoint of Millrace keeps deletion vectors for others", async () => {
  const table = join(folder(), randomUUID());
  await buildDeltaTable(session(), table, {
    fields: [column("id", "long")],
    configuration: { "delta.checkpointInterval": "1" },
    features: ["deletionVectors", "v2Checkpoint"],
    files: [{ rows: "select range as id from range(10)", deletionVector: inlineVector([3, 4]) }],
  });
  await publish(session(), table, "select 100::bigint as id");
  await expectSameRows(table, 9);
});
