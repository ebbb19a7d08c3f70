// The files that a job maps, with how they are packed.
import type { EngineSession } from "../../compute/engine.ts";
import type { MapFile } from "../../compute/mapreduce/plan-splits.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { findLocally, type FoundFile } from "../files/find-files.ts";
import { placeInProject } from "../files/place-in-project.ts";
import { parsePackedName } from "../sources/packing/codecs.ts";

/** Files in the order of their paths, each once. @throws MillraceError `SOURCE_MISSING`, `SOURCE_UNREADABLE`, `VALUE_INVALID` */
export async function findMapFiles(
  session: EngineSession,
  root: string,
  patterns: string | readonly string[],
): Promise<readonly FoundFile[]> {
  const find = findLocally(session, root);
  const found = await Promise.all([patterns].flat().map((text) => find({ text, isName: false })));
  const byPath = new Map(found.flat().map((file) => [file.path, file]));
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A file as the engine reads it. @throws MillraceError `SOURCE_UNREADABLE` for what it cannot unpack */
export function toMapFile(root: string, { path, size }: FoundFile): MapFile {
  const name = placeInProject(root, path);
  const { layers, refused } = parsePackedName(name);
  const [codec, ...others] = layers;
  const file = { path, name, bytes: size };
  if (codec === undefined && refused === undefined) return file;
  if ((codec === "gzip" || codec === "zstd") && others.length === 0) return { ...file, codec };
  throw new MillraceError(
    "SOURCE_UNREADABLE",
    `expected a file as it is, or packed with gzip or zstd, got: \`${name}\``,
    {
      hint: "unpack it first, or read it with an integration job",
    },
  );
}
