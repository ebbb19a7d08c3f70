// Opens the catalog that a configuration names.
import { resolve } from "node:path";
import { createLocalCatalog } from "../../connections/catalog/local-catalog.ts";
import type { TableCatalog } from "../../connections/catalog/table-catalog.ts";
import { createUnityCatalog } from "../../connections/catalog/unity-catalog.ts";
import type { HttpConnection } from "../../connections/http-connection.ts";
import type { ProjectOptions } from "../../project/project-options.ts";

/** @param connect gives a connection by its name */
export function openCatalog(
  catalog: NonNullable<ProjectOptions["catalog"]>,
  root: string,
  connect: (name: string) => Promise<HttpConnection>,
): TableCatalog {
  if ("folder" in catalog) return createLocalCatalog(resolve(root, catalog.folder));
  return createUnityCatalog(() => connect(catalog.connection));
}
