// A catalog in a folder: a file for each table, `<catalog>/<schema>/<table>.yaml` (or `.yml`, `.json`). A new one is linked into place, so that
// of two processes that make the same entry one does.
import { randomUUID } from "node:crypto";
import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { otherLocation, parseCatalogName, unknownParent } from "./catalog-name.ts";
import type { CatalogFacts, NewCatalogTable, TableCatalog } from "./table-catalog.ts";

/** @param folder absolute */
export function createLocalCatalog(folder: string): TableCatalog {
  const describe = (name: string): Promise<CatalogFacts | undefined> => readEntry(folder, name);
  return {
    find: describe,
    describe,
    async create(table) {
      if (await writeOnce(folder, table)) return;
      const there = await readEntry(folder, table.name);
      if (there !== undefined && there.location !== table.location)
        throw otherLocation(table.name, table.location, there.location);
    },
  };
}

const endings = ["yaml", "yml", "json"] as const;

const grantSchema = z.strictObject({ principal: z.string().min(1), privileges: z.array(z.string().min(1)).min(1) });

const entrySchema = z.strictObject({
  location: z.string().min(1),
  kind: z.enum(["managed", "external"]).default("external"),
  format: z.string().default("DELTA"),
  owner: z.string().optional(),
  comment: z.string().optional(),
  properties: z.record(z.string(), z.string()).default({}),
  grants: z.array(grantSchema).default([]),
  upstream: z.array(z.string()).default([]),
  columns: z.array(z.unknown()).optional(),
});

async function readEntry(folder: string, name: string): Promise<CatalogFacts | undefined> {
  const schemaFolder = await findSchema(folder, name);
  const { table } = parseCatalogName(name);
  for (const ending of endings) {
    const path = join(schemaFolder, `${table}.${ending}`);
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return parseEntry(path, name, text);
  }
  return undefined;
}

function parseEntry(path: string, name: string, text: string): CatalogFacts {
  const parsed = entrySchema.safeParse(parseText(path, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(path, `\`${issue?.path.join(".") ?? ""}\`: ${issue?.message ?? "it is no entry"}`);
  }
  const { owner, comment, columns: _columns, format, ...entry } = parsed.data;
  return {
    ...entry,
    name,
    format: format.toUpperCase(),
    ...(owner === undefined ? {} : { owner }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function parseText(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw unreadable(path, "it is no YAML", cause);
  }
}

/** The folder of the schema. @throws MillraceError `CATALOG_UNKNOWN` */
async function findSchema(folder: string, name: string): Promise<string> {
  const { catalog, schema } = parseCatalogName(name);
  const path = join(folder, catalog, schema);
  if (await isFolder(path)) return path;
  if (await isFolder(join(folder, catalog))) throw unknownParent("schema", `${catalog}.${schema}`, name);
  throw unknownParent("catalog", catalog, name);
}

/** @returns whether this process made the entry */
async function writeOnce(folder: string, { name, location, columns }: NewCatalogTable): Promise<boolean> {
  const path = await findSchema(folder, name);
  const { table } = parseCatalogName(name);
  const draft = join(path, `.${table}.${randomUUID()}.draft`);
  await writeFile(draft, stringify({ location, kind: "external", format: "DELTA", columns }), {
    flag: "wx",
    flush: true,
  });
  try {
    await link(draft, join(path, `${table}.yaml`));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unreadable(path: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError("CATALOG_UNREADABLE", `the entry \`${path}\` cannot be read: ${why}`, {
    cause,
    hint: "an entry has `location`, and may have `kind`, `format`, `owner`, `comment`, `properties`, `grants`, `upstream` and `columns`",
  });
}
