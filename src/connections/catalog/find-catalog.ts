// The catalog of the project. Only a root knows it; it lends a way to it.
import { MillraceError } from "../../core/errors/errors.ts";
import type { TableCatalog } from "./table-catalog.ts";

let lent: (() => Promise<TableCatalog>) | undefined;

/** Called when a program starts. @param find absent for a project without a catalog */
export function lendCatalog(find: (() => Promise<TableCatalog>) | undefined): void {
  lent = find;
}

/** @throws MillraceError `CONFIG_INVALID` for a project without a catalog */
export async function findCatalog(): Promise<TableCatalog> {
  if (lent !== undefined) return await lent();
  throw new MillraceError("CONFIG_INVALID", "a table is named by a catalog, and the project has none", {
    hint: 'declare one: `catalog: { folder: "catalog" }`, or `catalog: { connection: "unity" }` for a Unity Catalog',
  });
}
