// A row for each file: what it is, by its checksums, and where it is put once the rows have passed their checks.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { deliverFiles } from "../../delivery/deliver-files.ts";
import type { OutgoingFile } from "../../delivery/delivery.ts";
import { hashFile } from "../../delivery/hash-file.ts";
import { fileList } from "../../files/file-list.ts";
import { makeFolder } from "../../files/file-system.ts";
import { inParallel } from "../../in-parallel.ts";
import type { DeliveredFile, FileReading } from "../file-format.ts";
import type { SourceRows } from "../source-rows.ts";
import type { SaveOptions } from "./options.ts";
import { nameSaved, render } from "./saved-name.ts";

/** Files whose bytes are looked at at once. */
const parallel = 4;

const columns = {
  path: "VARCHAR",
  name: "VARCHAR",
  size: "BIGINT",
  modified: "TIMESTAMP WITH TIME ZONE",
  etag: "VARCHAR",
  md5: "VARCHAR",
  sha256: "VARCHAR",
  location: "VARCHAR",
} as const;

/**
 * Reads the bytes for their checksums, and puts nothing anywhere.
 * @throws MillraceError `CHECKSUM_MISMATCH` for bytes that are not those that the job says, `VALUE_INVALID` for a name that is unsafe, or that the
 *   source finds again
 */
export async function savedRows(
  _session: EngineSession,
  _files: readonly string[],
  { options, delivered, variablesOf, spool, isFound }: FileReading<SaveOptions, "file">,
): Promise<SourceRows> {
  if (options === undefined)
    throw new MillraceError("INTERNAL", "files are taken as they are, and nobody said where to");
  const saved = await inParallel(delivered, parallel, async (file) => {
    const one = await lookAt(file, options, variablesOf(file));
    if (one.row.location !== file.facts.path && isFound(one.file.to, options.connection))
      throw foundAgain(file.name, one.file.to);
    return one;
  });
  const list = join(spool, "saved.ndjson");
  await makeFolder(spool);
  await writeFile(list, saved.map(({ row }) => `${JSON.stringify(row)}\n`).join(""));
  const names = Object.keys(columns).join(", ");
  const types = Object.entries({ ...columns, of: "VARCHAR" }).map(([name, type]) => `${name}: '${type}'`);
  const read = `FROM read_json(${fileList([list])}, format = 'newline_delimited', columns = {${types.join(", ")}})`;
  const { connection, over } = options;
  return {
    sql: `SELECT ${names} ${read}`,
    telling: (column) => `SELECT ${names}, "of" AS ${quoteIdentifier(column)} ${read}`,
    untyped: [],
    warnings: [],
    rowCount: saved.length,
    deliver: async (delivery) => {
      const files = saved.map(({ file }) => file);
      await deliverFiles(files, { connection, isReplacing: over === "replace" }, delivery);
    },
  };
}

interface SavedFile {
  readonly file: OutgoingFile;
  readonly row: Readonly<Record<keyof typeof columns | "of", string | number | null>>;
}

async function lookAt(file: DeliveredFile, options: SaveOptions, variables: Variables): Promise<SavedFile> {
  const { path, facts } = file;
  const { name, to } = nameSaved(file, options, variables);
  const hash = await hashFile(path);
  for (const option of ["md5", "sha256"] as const) {
    const said = options[option];
    if (said !== undefined) assertChecksum(file.name, option, render(said, variables, option), hash[option]);
  }
  const { size, md5, sha256 } = hash;
  const modified = facts.modifiedAtMs === undefined ? null : new Date(facts.modifiedAtMs).toISOString();
  const known = { path: facts.path, name, modified, etag: facts.version ?? null, location: to };
  return { file: { path, name: file.name, to, ...hash }, row: { ...known, size, md5, sha256, of: path } };
}

function foundAgain(name: string, to: string): MillraceError {
  const message = `\`${name}\` would go to \`${to}\`, where the source finds it again`;
  return new MillraceError("VALUE_INVALID", message, {
    hint: "each run would move the files of the one before; save to a folder that `path` of the source does not name, or narrow it with `pattern`",
  });
}

function assertChecksum(name: string, kind: string, wanted: string, got: string): void {
  if (wanted.toLowerCase() === got) return;
  throw new MillraceError(
    "CHECKSUM_MISMATCH",
    `\`${name}\` has the ${kind} \`${got}\`, and \`${wanted}\` is said of it`,
    {
      hint: "bytes were changed on their way, or the checksum is that of another delivery",
    },
  );
}
