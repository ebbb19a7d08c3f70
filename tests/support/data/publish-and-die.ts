// A process that publishes and is killed at a named moment:
// node publish-and-die.ts <root> <mode> <failpoint> <occurrence> [<targets as JSON>]
import { flushCompileCache } from "node:module";
import { lendVariables } from "../../../src/connections/variables.ts";
import type { DatasetTargets, WriteMode } from "../../../src/core/dataset/dataset.ts";
import type { NamedRequest } from "../../../src/data/publish/named-request.ts";
import { changesRows, needsKey } from "../../../src/data/modes/row-rule.ts";
import { DataProject } from "./data-project.ts";

/** A publication, by default to every target of files that has the mode, with rows set aside. */
export function crashRequest(mode: WriteMode, sql: string, targets: DatasetTargets = fileTargets(mode)): NamedRequest {
  return {
    sql,
    output: { dataset: "t", mode, ...(needsKey(mode) ? { key: ["id"] } : {}), ...targets },
    checks: [{ notNull: ["name"], severity: "quarantine", name: "named" }],
  };
}

function fileTargets(mode: WriteMode): DatasetTargets {
  const file = (format: string): DatasetTargets => ({
    [format]: { path: mode === "append" ? `out/${format}` : `out/t.${format}` },
  });
  return {
    delta: { path: "out/delta" },
    ...(changesRows(mode) ? {} : { ...file("parquet"), ...file("csv"), ...file("ndjson") }),
    sqlite: { path: "out/t.sqlite" },
    duckdb: { path: "out/t.duckdb" },
  };
}

/** Two rows before, and three of the run that dies, one of them without a name. */
export const rowsBefore = "select * from (values (1, 'one'), (2, 'two')) v(id, name)";
export const rowsOfRun = "select * from (values (2, 'zwei'), (3, 'drei'), (4, null)) v(id, name)";

/** The connection `lake`, to the bucket that the environment names, for the life of the process. */
export async function lendBucket(): Promise<void> {
  const endpoint = process.env["TEST_BUCKET_ENDPOINT"];
  if (endpoint === undefined) return;
  // most processes have no bucket, and there are many of them
  const { openConnections } = await import("../files/file-services.ts");
  const { lendFileServices } = await import("../../../src/connections/files/find-file-service.ts");
  const { s3Keys } = await import("../files/s3-server.ts");
  const declared = { lake: { s3: { endpoint, bucket: "lake", ...s3Keys } } };
  const connections = openConnections(declared);
  lendFileServices((name) => connections.files(name), { declared });
}

if (process.argv[1] === import.meta.filename) {
  const [, , root = "", mode, failpoint, occurrence, targets] = process.argv;
  lendVariables((name) => process.env[name]);
  await lendBucket();
  let left = Number(occurrence);
  const to = targets === undefined ? undefined : (JSON.parse(targets) as DatasetTargets);
  await DataProject.open(root).publish(crashRequest(mode as WriteMode, rowsOfRun, to), {
    runId: 2,
    failpoint(name) {
      if (name === failpoint) left -= 1;
      if (left > 0) return;
      // A process that is killed does not keep what it compiled.
      flushCompileCache();
      process.kill(process.pid, "SIGKILL");
    },
  });
}
