// Every statement that a publication sends to Redshift, and the manifest that it loads by.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetOutput, WriteMode } from "../../src/core/dataset/dataset.ts";
import { deleteTables } from "../../src/data/datasets/delete-tables.ts";
import { DataProject } from "../support/data/data-project.ts";
import { expectGolden } from "../support/gates/golden.ts";
import { testRole } from "../support/redshift/copy.ts";
import { lendRedshift, redshiftName } from "../support/redshift/redshift-warehouse.ts";

const redshift = lendRedshift();
let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const layout = { distStyle: "key", distKey: "id", sortKey: ["at", "id"], textBytes: 300 } as const;

function output(mode: WriteMode, more: Partial<DatasetOutput> = {}): DatasetOutput {
  const staging = { connection: "lake", path: "staging" };
  const target = { url: redshiftName, schema: "Sales", table: "Orders", staging, iamRole: testRole, ...layout };
  return { dataset: "orders", mode, redshift: target, ...more };
}

/** What happened since the last time, with names that differ each time replaced. */
function take(title: string): string {
  const statements = redshift.server.statements.splice(0);
  const text = statements.map((statement) => `${statement.replaceAll(/\n\s+/g, "\n  ")};`).join("\n");
  return `-- ${title}\n${text.replaceAll(/-[0-9a-f]{16}\//g, "-<attempt>/")}\n`;
}

test("every statement of publications, reads and resets", async () => {
  const parts: string[] = [];
  const types = `select 1 as id, 'one' as name, timestamp '2026-01-01 10:00:00' as at, timestamptz '2026-01-01 10:00:00Z' as instant,
    time '10:00:00' as hour, 1.50::decimal(10,2) as price, {'a': [1]} as parts, '{"b":2}'::json as raw, 'ab'::blob as bytes,
    'd54b1a0c-0000-4000-8000-00000000000a'::uuid as code, true as is_new, 1.5::float as ratio`;
  await project.publish({ sql: types, output: output("append") });
  parts.push(take("append to a table that is not there"));
  await project.publish({ sql: "select 2 as id, 7::ubigint as total", output: output("append") });
  parts.push(take("append with a new column and without others"));
  await project.publish({ sql: "select 2 as id, 'zwei' as name", output: output("merge", { key: ["id"] }) });
  parts.push(take("merge"));
  await project.publish({ sql: "select 3 as id, 'drei' as name", output: output("insert_only", { key: ["id"] }) });
  parts.push(take("rows with a new key"));
  await project.publish({ sql: "select 4 as id, 'vier' as name", output: output("delete_insert", { by: "id" }) });
  parts.push(take("rows of a window"));
  await project.publish({ sql: "select 5 as id, 'fünf' as name", output: output("snapshot") });
  parts.push(take("rows of a moment"));
  await project.publish({ sql: "select 'x' as id, 1 as name", output: output("replace", { schema: "replace" }) });
  parts.push(take("replace rows and columns"));
  await project.publish({ sql: "select 'x' as id, 1 as name limit 0", output: output("replace") });
  parts.push(take("replace by no rows"));
  expect(await project.rows("orders")).toEqual([]);
  parts.push(take("read"));
  const { root, engine } = project;
  await deleteTables({ engine, root, datasets: ["orders"], tables: project.versions("orders").at(-1)!.locations });
  parts.push(take("reset"));
  await expectGolden("redshift-statements", parts.join("\n"));
});

test("the manifest names the file and its length", async () => {
  let manifest: string | undefined;
  let length: number | undefined;
  const failpoint = (name: string): void => {
    if (name !== "redshift:staged") return;
    const [rows, list] = ["rows.parquet", "manifest.json"].map((end) =>
      [...redshift.bucket.objects].find(([key]) => key.endsWith(end)),
    );
    manifest = list?.[1].body.toString();
    length = rows?.[1].body.length;
  };
  await project.publish({ sql: "select 1 as id", output: output("replace", { dataset: "one" }) }, { failpoint });
  expect(length).toBeGreaterThan(100);
  const text = (manifest ?? "").replaceAll(/-[0-9a-f]{16}\//g, "-<attempt>/").replace(`: ${length}\n`, ": <length>\n");
  await expectGolden("redshift-manifest", text);
});
