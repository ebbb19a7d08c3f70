// A Delta table that an output names by the catalog of the project: where it is, and its entry once it is there.
import { findCatalog } from "../../../connections/catalog/find-catalog.ts";
import type { CatalogEntry } from "../../../connections/catalog/table-catalog.ts";
import { findBucket } from "../../../connections/s3/find-bucket.ts";
import type { EngineSession } from "../../../compute/engine.ts";
import { joinAddress } from "../../../core/dataset/data-address.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { openDeltaSnapshot } from "../../delta/delta-table.ts";
import { resolveDataPath } from "../../files/data-place.ts";
import { parsePlace } from "../../files/recorded-place.ts";
import type { TargetPlace } from "../../target.ts";
import type { DeltaOptions } from "./options.ts";

/**
 * The options with the place of the table. One that the catalog does not know is to be made at `path`, else in the lake below its names.
 * @throws MillraceError `TARGET_UNSUPPORTED` for a table that the catalog manages or that is of another format, `VALUE_INVALID` when it is
 *   elsewhere than the options say, and as `TableCatalog.find`
 */
export async function locateTable(options: DeltaOptions, place: TargetPlace): Promise<DeltaOptions> {
  const { table, path, connection, ...others } = options;
  if (table === undefined) return options;
  const entry = await (await findCatalog()).find(table);
  const wanted = path === undefined ? undefined : resolveDataPath(place, { path, connection });
  if (entry === undefined) {
    const made = wanted ?? resolveDataPath(place, { path: joinAddress(place.lake, table.replaceAll(".", "/")) });
    return { ...others, table, path: made };
  }
  assertWritable(entry);
  const found = resolveDataPath(place, { path: entry.location });
  if (wanted === undefined || wanted === found) return { ...others, table, path: found };
  throw new MillraceError(
    "VALUE_INVALID",
    `table \`${table}\` is at \`${entry.location}\` as the catalog says, got: \`${path ?? ""}\``,
    {
      hint: "leave `path` out: it says where a new table is made",
    },
  );
}

/** Makes the entry of a table that was published to, unless there is one. Doing it again is harmless. @throws MillraceError as `TableCatalog.create` */
export async function registerTable(table: string, path: string, session: EngineSession): Promise<void> {
  const catalog = await findCatalog();
  if ((await catalog.find(table)) !== undefined) return;
  const { schema } = await openDeltaSnapshot(path, { session });
  const columns = schema.fields.map(({ name, type, nullable }) => ({ name, type, nullable }));
  await catalog.create({ name: table, location: await printLocation(path), columns });
}

/** How others find the folder. */
async function printLocation(path: string): Promise<string> {
  const place = parsePlace(path);
  if (place === undefined) return `file://${path.split("/").map(encodeURIComponent).join("/")}`;
  return (await findBucket(place.connection)).place(place.path);
}

function assertWritable({ name, kind, format, properties }: CatalogEntry): void {
  if (format !== "DELTA") {
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `table \`${name}\` of the catalog is no Delta table, got: \`${format}\``,
      {
        hint: "name another table",
      },
    );
  }
  const owned = catalogFeatures.find((feature) => properties[`delta.feature.${feature}`] !== undefined);
  if (owned !== undefined) {
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `commits of table \`${name}\` go through its catalog: it has \`${owned}\``,
      {
        hint: "publish to an external table without this feature",
      },
    );
  }
  if (kind === "external") return;
  throw new MillraceError(
    "TARGET_UNSUPPORTED",
    `table \`${name}\` is managed by its catalog, which alone writes to it`,
    {
      hint: "publish to an external table",
    },
  );
}

/** Names of the feature by which a catalog makes the commits, the newest first. */
const catalogFeatures = ["catalogManaged", "catalogOwned-preview", "catalogOwned"] as const;
