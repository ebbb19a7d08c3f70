// A source whose paths are addresses is one of a connection.
import { isDataAddress } from "../../../core/dataset/data-address.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { findDataPlace } from "../../files/data-place.ts";
import type { FileSource } from "./options.ts";

/** Whether a path of the source is an address. */
export function hasAddress({ path }: Pick<FileSource, "path">): boolean {
  return [path].flat().some((text) => isDataAddress(text));
}

/**
 * The source with paths as their place knows them.
 * @throws MillraceError `VALUE_INVALID` for paths of several places, and as `findDataPlace`
 */
export function locateSource(source: FileSource): FileSource {
  if (!hasAddress(source)) return source;
  const places = [source.path].flat().map((path) => findDataPlace({ path, connection: source.connection }));
  const paths = places.map((place) => ("local" in place ? place.local : place.remote.path));
  const [connection, ...others] = new Set(
    places.map((place) => ("local" in place ? undefined : place.remote.connection)),
  );
  if (others.length > 0) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected all paths in one place, got: \`${[source.path].flat().join(", ")}\``,
      {
        hint: "read files of several buckets by several jobs",
      },
    );
  }
  const path = typeof source.path === "string" ? (paths[0] ?? "") : paths;
  return { ...source, path, ...(connection === undefined ? {} : { connection }) };
}
