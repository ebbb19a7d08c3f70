// COPY of Parquet as the documents of Redshift describe it: a manifest in a bucket that names files with their lengths, columns by position,
// and types that have to be the same.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../../src/compute/engine.ts";
import { type S3Server, s3Keys } from "../files/s3-server.ts";
import { RedshiftRefusal } from "./dialect.ts";

export interface CopyStatement {
  readonly table: string;
  readonly manifest: string;
}

/** A failure that the cluster notes in `sys_load_error_detail`. */
export class LoadFailure extends RedshiftRefusal {
  readonly column: string;
  readonly type: string;
  constructor(column: string, type: string, found: string) {
    super("XX000", `Spectrum Scan Error. Column type: ${type}, Parquet schema: optional ${found} ${column}`);
    this.column = column;
    this.type = type;
  }
}

/** The role that the cluster may take on. */
export const testRole = "arn:aws:iam::123456789012:role/reader";

/** @returns `undefined` for another statement. @throws RedshiftRefusal */
export function parseCopy(statement: string): CopyStatement | undefined {
  if (!/^COPY\b/i.test(statement)) return undefined;
  const [, table = "", manifest = "", how, who = "", rest = ""] =
    /^COPY (".+?") FROM '(s3:\/\/[^']+)' (IAM_ROLE|CREDENTIALS) ('[^']+'|default)(.*)$/.exec(statement) ?? [];
  if (/\bREGION\b/.test(rest))
    throw new RedshiftRefusal("0A000", "REGION argument is not supported for PARQUET based COPY");
  if (rest !== " FORMAT AS PARQUET MANIFEST") throw new RedshiftRefusal("42601", "syntax error in COPY");
  const keys = `'aws_access_key_id=${s3Keys.accessKeyId};aws_secret_access_key=${s3Keys.secretAccessKey}'`;
  const known = how === "IAM_ROLE" ? ["default", `'${testRole}'`] : [keys];
  if (!known.includes(who)) {
    throw new RedshiftRefusal("XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied");
  }
  return { table, manifest };
}

interface TableColumn {
  readonly name: string;
  /** As the catalog prints it. */
  readonly type: string;
}

/** The rows of the files as CSV with `NULL`, in the order of the columns. @throws RedshiftRefusal */
export async function readStaged(
  engine: Engine,
  bucket: S3Server,
  manifest: string,
  columns: readonly TableColumn[],
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-redshift-"));
  try {
    const { entries } = JSON.parse(get(bucket, manifest).toString()) as Manifest;
    const paths = await Promise.all(
      entries.map(async ({ url, meta }, index) => {
        const bytes = get(bucket, url);
        if (meta?.content_length !== bytes.length)
          throw new RedshiftRefusal("XX000", "content_length is missing or wrong");
        const path = join(folder, `${index}.parquet`);
        await writeFile(path, bytes);
        return path;
      }),
    );
    return await toCsv(engine, folder, paths, columns);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Manifest {
  readonly entries: readonly { readonly url: string; readonly meta?: { readonly content_length: number } }[];
}

async function toCsv(
  engine: Engine,
  folder: string,
  paths: readonly string[],
  columns: readonly TableColumn[],
): Promise<Buffer> {
  await using session = await engine.open();
  const files = `read_parquet([${paths.map((path) => `'${path}'`).join(", ")}])`;
  const found = await session.describe(`select * from ${files}`);
  if (found.length !== columns.length) {
    throw new RedshiftRefusal(
      "XX000",
      `Unmatched number of columns between table and file. Table columns: ${columns.length}`,
    );
  }
  for (const [index, { name, type }] of columns.entries()) {
    const got = found[index]?.type ?? "";
    if (toParquetType(type) !== got) throw new LoadFailure(name, type, got);
  }
  const values = found.map(({ name, type }) => (type === "BLOB" ? `'\\x' || hex("${name}")` : `"${name}"`));
  const path = join(folder, "rows.csv");
  await session.execute(
    `copy (select ${values.join(", ")} from ${files}) to '${path}' (format csv, header false, nullstr 'NULL', force_quote *)`,
  );
  return await readFile(path);
}

/** The one type of a file that loads into a type; a TIME, a TIMESTAMPTZ and a SUPER take none. */
function toParquetType(type: string): string | undefined {
  const decimal = /^numeric\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) return `DECIMAL(${decimal[1]},${decimal[2]})`;
  return loadable[type.replace(/\(\d+\)$/, "")];
}

const loadable: Readonly<Record<string, string>> = {
  boolean: "BOOLEAN",
  smallint: "SMALLINT",
  integer: "INTEGER",
  bigint: "BIGINT",
  real: "FLOAT",
  "double precision": "DOUBLE",
  date: "DATE",
  "timestamp without time zone": "TIMESTAMP",
  "character varying": "VARCHAR",
  bytea: "BLOB",
};

function get(bucket: S3Server, url: string): Buffer {
  const found = bucket.objects.get(url.replace("s3://lake/", ""));
  if (found === undefined)
    throw new RedshiftRefusal("XX000", "S3ServiceException:The specified key does not exist,Status 404");
  return found.body;
}
