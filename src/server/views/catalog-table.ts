// What the catalog says of a table, for people. A catalog that does not answer hides nothing else of a dataset.
import type { CatalogTableView } from "../../api/datasets/dataset.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { ServerServices } from "../server-services.ts";

/** Of the table that a version of a dataset lies in; null where no catalog names it. */
export async function describeCatalogTable(
  { catalog }: Pick<ServerServices, "catalog">,
  version: DatasetVersion | undefined,
): Promise<CatalogTableView | null> {
  const table = version?.locations.find(({ catalogTable }) => catalogTable !== undefined)?.catalogTable;
  if (table === undefined) return null;
  try {
    const found = await catalog.describe(table);
    if (found === undefined) return { ...unknown, table, problem: "the catalog does not know it" };
    const { kind, owner = null, comment = null, grants, upstream } = found;
    return { table, kind, owner, comment, grants, upstream, problem: null };
  } catch (error) {
    return { ...unknown, table, problem: classifyError(error).message };
  }
}

const unknown = { kind: null, owner: null, comment: null, grants: [], upstream: [] } as const;
