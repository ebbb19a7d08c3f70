// Which files a run reads: those of all units, each once, in the order of their paths. A unit whose files are not there leaves the
// others.
import type { SourceReading, SourceUnit, UnitOutcome } from "../../../core/dataset/source.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { formatDuration, parseDuration } from "../../../core/duration.ts";
import { findFailure } from "../../../core/dataset/failed-units.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { inParallel } from "../../in-parallel.ts";
import { renderPath, renderPathList } from "../../requests/render-path.ts";
import type { FindFiles, FoundFile, WantedPath } from "../../files/find-files.ts";
import type { FileSource } from "./options.ts";

export interface ChoosingFiles {
  readonly find: FindFiles;
  readonly reading: SourceReading;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What became of a unit so far. */
export interface UnitFiles {
  readonly unit: SourceUnit;
  readonly files: readonly FoundFile[];
  /** Why it cannot be read. */
  readonly error?: MillraceError;
}

/** Units whose files are looked for at once, and paths of each that are. */
const parallel = 8;

/**
 * The files of each unit.
 * @throws MillraceError what a unit fails with that is alone or may not be left out; `SOURCE_PENDING` for files that are not there yet
 */
export async function chooseFiles(source: FileSource, choosing: ChoosingFiles): Promise<readonly UnitFiles[]> {
  const { reading, signal, now } = choosing;
  const units = reading.units ?? [{ key: "", variables: {} }];
  return await inParallel(units, parallel, async (unit) => {
    try {
      return { unit, files: await findOfUnit(source, unit.variables, choosing) };
    } catch (thrown) {
      signal.throwIfAborted();
      const error = classifyError(thrown, now());
      if (units.length === 1 || reading.isWhole === true || error.code === "SOURCE_PENDING") throw error;
      return { unit, files: [], error };
    }
  });
}

/** Each file once, by its name. */
export function listFiles(units: readonly UnitFiles[]): readonly FoundFile[] {
  const files = new Map(units.flatMap((unit) => unit.files.map((file) => [file.name, file] as const)));
  return [...files.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What became of the units. @param failures by name of a file, of those that could not be fetched @throws MillraceError when no unit was read */
export function toOutcomes(
  units: readonly UnitFiles[],
  failures: ReadonlyMap<string, MillraceError>,
): readonly UnitOutcome[] {
  const outcomes = units.map(({ unit: { key }, files, error }): UnitOutcome => {
    const failure = error ?? files.map(({ name }) => failures.get(name)).find((found) => found !== undefined);
    return failure === undefined
      ? { key, status: "read", rows: files.length }
      : { key, status: "failed", rows: 0, error: failure };
  });
  const failure = findFailure(outcomes);
  if (failure !== undefined && outcomes.every(({ status }) => status === "failed")) throw failure;
  return outcomes;
}

async function findOfUnit(
  source: FileSource,
  variables: Variables,
  { find, now }: ChoosingFiles,
): Promise<readonly FoundFile[]> {
  const { path, pattern, settled, missing = "fail" } = source;
  const wanted = [path].flat().flatMap((text) => toWanted(text, variables));
  try {
    const found = (await inParallel(wanted, parallel, find)).flat();
    const texts = wanted.map(({ text }) => text);
    return keepSettled(keepMatching(found, texts, pattern), settled, now());
  } catch (error) {
    if (missing === "fail" || !(error instanceof MillraceError) || error.code !== "SOURCE_MISSING") throw error;
    throw new MillraceError("SOURCE_PENDING", error.message, { cause: error });
  }
}

/** Patterns of a unit, and names that are no patterns. */
export function pathsOf({ path }: FileSource, variables: Variables): readonly string[] {
  return [path].flat().flatMap((text) => toWanted(text, variables).map((wanted) => wanted.text));
}

const where = "`path` of the source";

function toWanted(text: string, variables: Variables): readonly WantedPath[] {
  const names = renderPathList(text, variables, where);
  if (names !== undefined) return names.map((name) => ({ text: name, isName: true }));
  const rendered = renderPath(text, variables, where);
  return rendered === undefined ? [] : [{ text: rendered, isName: false }];
}

function keepMatching(
  files: readonly FoundFile[],
  texts: readonly string[],
  pattern: string | undefined,
): readonly FoundFile[] {
  if (pattern === undefined) return files;
  const expression = new RegExp(`^(?:${pattern})$`, "u");
  const kept = files.filter(({ path }) => expression.test(path));
  if (kept.length > 0) return kept;
  const message = `none of ${files.length} files of \`${texts.join("`, `")}\` has a path like \`${pattern}\``;
  throw new MillraceError("SOURCE_MISSING", message, {
    hint: "correct `pattern` of the source, or wait for the delivery",
  });
}

/** Leaves out files that somebody may still be writing. */
function keepSettled(files: readonly FoundFile[], settled: FileSource["settled"], nowMs: number): readonly FoundFile[] {
  if (settled === undefined) return files;
  const ageMs = parseDuration(settled);
  const kept = files.filter(({ modifiedAtMs }) => nowMs - modifiedAtMs >= ageMs);
  if (kept.length > 0) return kept;
  const youngest = Math.max(...files.map(({ modifiedAtMs }) => modifiedAtMs));
  const message = `no file has been left alone for ${formatDuration(ageMs)} yet, files: \`${files.length}\``;
  throw new MillraceError("SOURCE_PENDING", message, {
    retryAfterMs: Math.max(1, youngest + ageMs - nowMs),
    hint: "they are read when nobody has written to them for so long",
  });
}
