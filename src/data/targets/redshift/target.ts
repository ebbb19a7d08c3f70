// Publishes to a table of Amazon Redshift: rows go into a bucket, the cluster loads them beside the table, and one transaction puts them into
// it and remembers that, so that a run which publishes again finds that it has.
import { isTransactionConflict } from "../../../connections/postgres/postgres-error.ts";
import { type PostgresSession, withPostgres } from "../../../connections/postgres/postgres-session.ts";
import { isSameTable } from "../../../core/dataset/dataset-location.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toTargetError } from "../../files/file-system.ts";
import { isPublicationDone } from "../../publication-order.ts";
import type { Target, TargetInput, TargetResult } from "../../target.ts";
import { maxTextBytes, type RedshiftOptions } from "./options.ts";
import { listRedshiftLimits } from "./redshift-limits.ts";
import { assertLoaded, loadFile } from "./redshift-load.ts";
import { type StagedFile, stageFile } from "./redshift-staging.ts";
import {
  countRows,
  findColumns,
  isThere,
  makeSchema,
  memoryOf,
  prepareMemory,
  qualify,
  readMemory,
  type RedshiftTable,
  toLocation,
} from "./redshift-table.ts";
import { holdInRedshift } from "./redshift-types.ts";
import { writeRows } from "./redshift-write.ts";

/** @param database as definitions name it */
export function createRedshiftTarget(database: string, place: RedshiftTable, options: RedshiftOptions): Target {
  const location = toLocation(database, place);
  const connect = async <T>(work: (session: PostgresSession) => Promise<T>, signal?: AbortSignal): Promise<T> =>
    await withPostgres(database, { server: "redshift", ...(signal === undefined ? {} : { signal }) }, work);
  return {
    format: "redshift",
    path: database,
    currentColumns: async () =>
      await connect(async (session) => (await findColumns(session, place))?.map(({ name, type }) => ({ name, type }))),
    hold: (columns) => columns.map(holdInRedshift),
    limits: listRedshiftLimits,
    isCurrent: async (_session, version) => {
      if (!version.locations.some((known) => isSameTable(known, location))) return false;
      return await connect(async (session) => {
        if (!(await isThere(session, place))) return false;
        const { last } = await readMemory(session, place, { runKey: "", dataset: version.dataset });
        return last?.fingerprint === version.fingerprint && (await countRows(session, place)) === version.rowCount;
      });
    },
    hasPublished: async (_session, writer) =>
      await connect(async (session) => (await readMemory(session, place, writer)).hasOwn),
    publish: async (input) => {
      try {
        const file = await stageFile(options.staging, input);
        await input.failpoint("redshift:staged");
        const published = await connect((session) => publish(session, place, options, file, input), input.signal);
        await input.failpoint("redshift:committed");
        return { location, ...published, warnings: [] };
      } catch (error) {
        throw toTargetError(error, location.table);
      }
    },
  };
}

/** What has become of the table. */
type Published = Pick<TargetResult, "changed" | "rowCount">;

async function publish(
  session: PostgresSession,
  place: RedshiftTable,
  options: RedshiftOptions,
  file: StagedFile,
  input: TargetInput,
): Promise<Published> {
  await loadFile(session, file, options.iamRole);
  const { contract, mode } = input;
  const have = contract === "replace" && mode === "replace" ? [] : await findColumns(session, place);
  await assertLoaded(session, file, have ?? [], options.textBytes ?? maxTextBytes);
  await input.failpoint("redshift:loaded");
  await makeSchema(session, place);
  await prepareMemory(session, place);
  for (let triesLeft = 3; ; triesLeft -= 1) {
    try {
      return await commitRows(session, place, options, file, input);
    } catch (error) {
      // what was loaded stays with the session, so that a transaction costs little to try again
      if (triesLeft === 1 || !isTransactionConflict(error)) throw error;
      await session.execute("ROLLBACK");
    }
  }
}

async function commitRows(
  session: PostgresSession,
  place: RedshiftTable,
  options: RedshiftOptions,
  { columns }: StagedFile,
  input: TargetInput,
): Promise<Published> {
  await lockMemory(session, place);
  const isDone = isPublicationDone(input.mode, input.writer, await readMemory(session, place, input.writer));
  const changed = isDone || (await writeRows(session, place, options, columns, input));
  const rowCount = await countRows(session, place);
  await input.failpoint("redshift:written");
  await input.assertHeld();
  await session.execute("COMMIT");
  return { changed, rowCount };
}

/**
 * Attempts of one run, and runs of one schema, come one after the other. What a transaction sees is decided by its first statement, so that
 * this is the first; it keeps nobody from reading the table that rows are published to.
 */
async function lockMemory(session: PostgresSession, place: RedshiftTable): Promise<void> {
  await session.execute(`SET statement_timeout TO ${lockTimeoutMs}`);
  await session.execute("BEGIN");
  try {
    await session.execute(`LOCK ${qualify(memoryOf(place))}`);
  } catch (error) {
    throw isTimeout(error) ? lockedOut(place, error) : error;
  }
  await session.execute("RESET statement_timeout");
}

const lockTimeoutMs = 30_000;

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "57014";
}

function lockedOut({ schema }: RedshiftTable, cause: unknown): MillraceError {
  return new MillraceError("TARGET_CONFLICT", `another run publishes to schema \`${schema}\``, {
    cause,
    hint: "the run is tried again later",
  });
}
