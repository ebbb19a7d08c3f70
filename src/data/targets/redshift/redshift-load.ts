// Loads staged rows into a table that only this session sees, and looks whether all of them came and will fit.
import type { PostgresSession } from "../../../connections/postgres/postgres-session.ts";
import type { S3Keys } from "../../../connections/s3/s3-signature.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { createSecretRedactor } from "../../../core/errors/secret-redactor.ts";
import type { StagedFile } from "./redshift-staging.ts";
import { quoteName, quoteText } from "./redshift-text.ts";
import { type RedshiftColumn, toLoadedType } from "./redshift-types.ts";

/** Temporary tables are in no schema that has a name. */
export const loadedTable: string = quoteName("_millrace_loaded");

/** The column of the table that a column of the file is loaded into. */
export function loadedColumn(index: number): string {
  return `c${index}`;
}

/** @param iamRole what the cluster reads the bucket with; without it the keys of the bucket. @throws MillraceError `REQUEST_REJECTED` */
export async function loadFile(session: PostgresSession, file: StagedFile, iamRole: string | undefined): Promise<void> {
  const columns = file.columns.map(({ type }, index) => `${loadedColumn(index)} ${toLoadedType(type).declared}`);
  await session.execute(`CREATE TEMPORARY TABLE ${loadedTable} (${columns.join(", ")})`);
  if (file.manifest === undefined) return;
  // of the parameters of COPY, Parquet takes no REGION and none of the key alone
  const copy = `COPY ${loadedTable} FROM ${quoteText(file.manifest)} ${authorize(file.keys, iamRole)} FORMAT AS PARQUET MANIFEST`;
  try {
    await session.execute(copy);
  } catch (error) {
    const told = maskKeys(error, file.keys);
    throw (await explain(session, file, told)) ?? told;
  }
}

/**
 * @param have columns of the table that the rows are for
 * @param textBytes room of columns that the table has not yet
 * @throws MillraceError `TARGET_VALUE_UNSUPPORTED` for a text that its column has no room for
 */
export async function assertLoaded(
  session: PostgresSession,
  file: StagedFile,
  have: readonly RedshiftColumn[],
  textBytes: number,
): Promise<void> {
  const texts = file.columns.flatMap(({ name, type }, index) => (type === "VARCHAR" ? [{ name, index }] : []));
  const longest = texts.map(({ index }) => `, max(octet_length(${loadedColumn(index)}))`);
  const [[count, ...lengths] = []] = await session.query(`SELECT count(*)${longest.join("")} FROM ${loadedTable}`);
  if (Number(count) !== file.rows) {
    throw new MillraceError("INTERNAL", `the cluster has loaded ${count} rows of ${file.rows}`, {
      disposition: "retry",
    });
  }
  for (const [at, { name }] of texts.entries()) {
    const column = have.find((known) => known.name.toLowerCase() === name.toLowerCase());
    const room = column === undefined ? textBytes : column.textBytes;
    if (room !== undefined && Number(lengths[at] ?? 0) > room) throw tooLong(name, room, Number(lengths[at]));
  }
}

function authorize(keys: S3Keys | undefined, iamRole: string | undefined): string {
  if (iamRole !== undefined) return `IAM_ROLE ${iamRole === "default" ? "default" : quoteText(iamRole)}`;
  if (keys === undefined) {
    throw new MillraceError(
      "CONFIG_INVALID",
      "the cluster has nothing to read the bucket with: its connection has no keys",
      {
        hint: "name an `iamRole` that the cluster may take on",
      },
    );
  }
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const parts = [`aws_access_key_id=${accessKeyId}`, `aws_secret_access_key=${secretAccessKey}`];
  return `CREDENTIALS ${quoteText([...parts, ...(sessionToken === undefined ? [] : [`token=${sessionToken}`])].join(";"))}`;
}

/** A server that does not understand a statement may quote it. */
function maskKeys(error: unknown, keys: S3Keys | undefined): unknown {
  if (!(error instanceof Error) || keys === undefined) return error;
  const redactor = createSecretRedactor([
    keys.secretAccessKey,
    ...(keys.sessionToken === undefined ? [] : [keys.sessionToken]),
  ]);
  error.message = redactor.redactText(error.message);
  for (const [name, value] of Object.entries(error)) {
    if (typeof value === "string") Object.assign(error, { [name]: redactor.redactText(value) });
  }
  return error;
}

/** What the cluster has noted of the failure, of which values of rows are no part; nothing where it has noted nothing. */
async function explain(
  session: PostgresSession,
  { columns }: StagedFile,
  cause: unknown,
): Promise<MillraceError | undefined> {
  const noted = await session
    .query(`SELECT trim(column_name), trim(column_type), error_code FROM sys_load_error_detail
      WHERE session_id = pg_backend_pid() ORDER BY start_time DESC LIMIT 1`)
    .catch(() => []);
  const [loaded, type, code] = noted[0] ?? [];
  if (loaded === undefined || loaded === null) return undefined;
  const name = columns.find((_column, index) => loadedColumn(index) === loaded)?.name ?? loaded;
  const message = `Redshift could not load column \`${name}\` of type \`${type}\`, error code: \`${code}\``;
  return new MillraceError("REQUEST_REJECTED", message, {
    cause,
    hint: "the system view `sys_load_error_detail` tells more to the user that the address names",
  });
}

function tooLong(column: string, room: number, length: number): MillraceError {
  const message = `column \`${column}\` has room for texts of ${room} bytes, got: ${length} bytes`;
  return new MillraceError("TARGET_VALUE_UNSUPPORTED", message, {
    hint: `shorten the text in the query, or make room: \`ALTER TABLE … ALTER COLUMN ${column} TYPE VARCHAR(${length})\``,
  });
}
