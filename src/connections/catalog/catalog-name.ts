// Names of tables in a catalog, and what is wrong with one.
import { MillraceError } from "../../core/errors/errors.ts";

/** The three parts of a name. */
export interface CatalogNameParts {
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
}

/** Three names of letters, digits, `_` and `-`, with dots between. */
export const catalogNamePattern: RegExp = /^(?:[A-Za-z0-9_-]{1,255}\.){2}[A-Za-z0-9_-]{1,255}$/;

/** @throws MillraceError `VALUE_INVALID` */
export function parseCatalogName(name: string): CatalogNameParts {
  const [catalog = "", schema = "", table = ""] = name.split(".");
  if (catalogNamePattern.test(name)) return { catalog, schema, table };
  throw new MillraceError("VALUE_INVALID", `expected a name such as \`main.sales.promos\`, got: \`${name}\``);
}

/** @returns what to throw for a name whose catalog or schema nobody has made */
export function unknownParent(kind: "catalog" | "schema", parent: string, name: string): MillraceError {
  return new MillraceError("CATALOG_UNKNOWN", `there is no ${kind} \`${parent}\` for table \`${name}\``, {
    hint: `correct the name, or make the ${kind} first`,
  });
}

/** @returns what to throw when an entry is of a table elsewhere */
export function otherLocation(name: string, wanted: string, got: string): MillraceError {
  return new MillraceError(
    "TARGET_CONFLICT",
    `table \`${name}\` is at \`${got}\` as the catalog says, and \`${wanted}\` was published`,
    {
      hint: "somebody else has made the entry meanwhile; the next run publishes to where it leads",
    },
  );
}
