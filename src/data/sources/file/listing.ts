// Files as rows: what there is, for a job that reads them later.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quoteIdentifier } from "../../../compute/engine.ts";
import { makeFolder } from "../../files/file-system.ts";
import { fileList } from "../../files/file-list.ts";
import type { SourceRows } from "../source-rows.ts";
import type { FoundFile } from "../../files/find-files.ts";
import { placeInProject } from "../../files/place-in-project.ts";

/** One row a file. @param root folder of the project, to which paths of this machine are relative */
export async function listingRows(
  files: readonly FoundFile[],
  { spool, root }: { readonly spool: string; readonly root: string },
): Promise<SourceRows> {
  const path = join(spool, "listing.ndjson");
  await makeFolder(spool);
  const lines = files.map((file) => `${JSON.stringify(toRow(file, root))}\n`);
  await writeFile(path, lines.join(""));
  const columns = "path, size, modified, etag";
  const read = `FROM read_json(${fileList([path])}, format = 'newline_delimited',
    columns = {path: 'VARCHAR', size: 'BIGINT', modified: 'TIMESTAMP WITH TIME ZONE', etag: 'VARCHAR', name: 'VARCHAR'})`;
  const telling = (column: string): string => `SELECT ${columns}, name AS ${quoteIdentifier(column)} ${read}`;
  return { sql: `SELECT ${columns} ${read}`, telling, untyped: [], warnings: [], rowCount: files.length };
}

function toRow({ name, path, remote, size, modifiedAtMs, version }: FoundFile, root: string): object {
  const modified = new Date(modifiedAtMs).toISOString();
  return { path: remote === undefined ? placeInProject(root, path) : path, size, modified, etag: version, name };
}
