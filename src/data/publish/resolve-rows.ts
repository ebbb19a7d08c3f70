// Resolves rows in quarantine: a person lets them in after all, or drops them. Rows are published before they are taken
// out, so that no row is missing from both tables at any time.
import { join } from "node:path";
import { type Column, type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import type { DatasetColumn, DatasetOutput, DatasetVersion, QuarantineOrigin } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ChosenRows, QuarantineData } from "../../core/dataset/quarantine.ts";
import { defineVersion, type OpenDatasetOptions } from "../datasets/dataset-relation.ts";
import { type AsideChange, type AsideTable, rewriteAside } from "./publish-aside.ts";
import type { PublishScope } from "./publish-scope.ts";
import { publishDataset } from "./publish.ts";
import { withPublication } from "./with-publication.ts";
import { listStampNames } from "../modes/row-rule.ts";
import { findFixedTarget, withPath } from "../targets/target-registry.ts";
import { isOwnColumn } from "../datasets/quarantine/aside-columns.ts";
import { selectionSql } from "../datasets/quarantine/choose-rows.ts";
import { findQuarantine } from "../datasets/quarantine/find-quarantine.ts";

/** The quarantines as one attempt of a run may change them. */
export function createQuarantineData(scope: PublishScope): QuarantineData {
  return {
    release: (chosen) => release(chosen, scope),
    remove: (chosen) => remove(chosen, scope),
  };
}

async function release(chosen: ChosenRows, scope: PublishScope): ReturnType<QuarantineData["release"]> {
  const version = await findQuarantine(scope.catalog, chosen.dataset, chosen.version);
  const latest = await findQuarantine(scope.catalog, chosen.dataset);
  const origin = requireOrigin(chosen.dataset, version);
  const request = {
    source: { dataset: version.dataset, version: version.version },
    inputs: [latest.dataset],
    sql: stillThere(chosen, version, latest, stampsToTakeOff(origin.output)),
    output: toReleaseOutput(origin.output),
    checks: origin.checks,
  };
  // the dataset stays the one of its job, whoever lets rows in
  const result = await publishDataset(request, { ...scope, run: { ...scope.run, job: origin.job } });
  return { dataset: result.dataset, rows: result.rows };
}

async function remove(chosen: ChosenRows, scope: PublishScope): ReturnType<QuarantineData["remove"]> {
  const version = await findQuarantine(scope.catalog, chosen.dataset, chosen.version);
  const origin = version.quarantineOf ?? fallbackOrigin(chosen.dataset, version);
  const originScope = { ...scope, run: { ...scope.run, job: origin.job } };
  return await withPublication(scope, version.dataset, async (place) => {
    const options = { spool: join(place.folder, "spool"), warn: (message: string) => scope.log.warn(message) };
    const rest = (table: AsideTable): Promise<AsideChange> =>
      planRest(place.session, { table, chosen, version, options });
    const input = { ...place, scope: originScope, output: origin.output, quarantineOf: origin };
    const { rowCount } = await rewriteAside(input, rest);
    const { dataset, ...selection } = chosen;
    await scope.emit({ type: "quarantine_resolved", data: { dataset, ...selection, unresolved: rowCount } });
    return { unresolved: rowCount };
  });
}

interface RestInput {
  /** The quarantine as it is now. */
  readonly table: AsideTable;
  readonly chosen: ChosenRows;
  /** The one that the rows were chosen from. */
  readonly version: DatasetVersion;
  readonly options: OpenDatasetOptions;
}

/** What stays: all rows there now but the chosen ones of the version that they were chosen from. */
async function planRest(session: EngineSession, { table, chosen, version, options }: RestInput): Promise<AsideChange> {
  const { before } = table;
  if (before === undefined) throw new MillraceError("SOURCE_MISSING", `the table of \`${version.dataset}\` is gone`);
  const view = "_millrace_chosen";
  await defineVersion(session, view, version, options);
  const relation = `SELECT * FROM ${quoteIdentifier(view)}`;
  const columns = await session.describe(relation);
  const taken = `SELECT ${align(before.columns, columns)} FROM (${relation}) WHERE ${selectionSql(chosen, columns)}`;
  const sql = `SELECT * FROM (${before.sql}) EXCEPT ALL ${taken}`;
  return { mode: "replace", sql, columns: before.columns, basedOn: before.version };
}

/** The chosen rows without what was written to them; a delivery may have resolved some since. */
function stillThere(
  chosen: ChosenRows,
  version: DatasetVersion,
  latest: DatasetVersion,
  left: readonly string[],
): string {
  const own = version.schema
    .filter((column) => isOwnColumn(column) && !left.includes(column.name))
    .map(({ name }) => quoteIdentifier(name));
  const rows = `SELECT ${align(version.schema, version.schema)} FROM source WHERE ${selectionSql(chosen, version.schema)}`;
  const now = `SELECT ${align(version.schema, latest.schema)} FROM ${quoteIdentifier(latest.dataset)}`;
  return `SELECT ${own.join(", ")} FROM (${rows} INTERSECT ALL ${now})`;
}

/** The columns `wanted` out of a relation that may have others. */
function align(wanted: readonly DatasetColumn[], have: readonly Column[]): string {
  const list = wanted.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    const found = have.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (found === undefined) return `CAST(NULL AS ${type}) AS ${column}`;
    return found.type === type ? column : `TRY_CAST(${column} AS ${type}) AS ${column}`;
  });
  return list.join(", ");
}

function requireOrigin(dataset: string, { quarantineOf, job }: DatasetVersion): QuarantineOrigin {
  if (quarantineOf !== undefined) return quarantineOf;
  throw new MillraceError("QUARANTINE_UNKNOWN", `nobody wrote down how rows get into dataset \`${dataset}\``, {
    hint: `run job \`${job}\` once: an older version of Millrace set these rows aside`,
  });
}

// Enough for the place of the table, which is in the lake unless the output said otherwise.
function fallbackOrigin(dataset: string, { locations, job }: DatasetVersion): QuarantineOrigin {
  const path = locations[0]?.path.replace(/_quarantine$/, "");
  return { job, output: path === undefined ? { dataset } : withPath({ dataset }, path), checks: [] };
}

/** A row that is let in holds from now on, and not from when it was set aside. One of a snapshot stays with the others of its moment. */
function stampsToTakeOff(output: DatasetOutput): readonly string[] {
  return output.mode === "scd2" ? listStampNames(output) : [];
}

/** Rows come to those that are there, also where a run replaces them all; its next run does so again. */
function toReleaseOutput(output: DatasetOutput): DatasetOutput {
  const { mode = "replace", schema, dataset, by: _by, moment: _moment, ...others } = output;
  if (mode === "delete_insert" || mode === "snapshot")
    return { dataset, ...(schema === undefined ? {} : { schema }), ...others, mode: "append" };
  if (mode !== "replace") return output;
  const fixed = findFixedTarget(output);
  if (fixed !== undefined) {
    const message = `a ${fixed.name} target that is replaced takes no more rows, dataset: \`${dataset}\``;
    throw new MillraceError("TARGET_UNSUPPORTED", message, {
      hint: "correct the check or the rows and run the job again",
    });
  }
  return { ...output, mode: "append", ...(schema === "replace" ? { schema: "evolve" } : {}) };
}
