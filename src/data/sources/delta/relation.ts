// The rows of a Delta Lake table as of one version, whatever is committed while they are read.
import type { SourcePlan } from "../../../core/dataset/source-plan.ts";
import { openDeltaScan, openDeltaSnapshot } from "../../delta/delta-table.ts";
import { findDataPlace } from "../../files/data-place.ts";
import { resolveProjectPath } from "../../files/project-path.ts";
import { printPlace } from "../../files/recorded-place.ts";
import type { OpenSource, SourceOpening, SourcePlanning } from "../../source.ts";
import type { DeltaTableSource } from "./options.ts";

/** A version stays as it is, so that its rows may be read twice. @throws MillraceError `SOURCE_MISSING`, `DELTA_CORRUPT`, … */
export async function openDeltaTable(source: DeltaTableSource, opening: SourceOpening): Promise<OpenSource> {
  const { session, root, spool } = opening;
  const path = placeOf(root, source);
  const warn = (message: string): void => opening.warn(message);
  const version = source.version ?? (await latest(path, session));
  return {
    rows: { scan: await openDeltaScan(path, { session, version, warn, spool }) },
    isRepeatable: true,
    place: source.path,
  };
}

/** The version that would be read now. @throws MillraceError `SOURCE_MISSING` */
export async function planDeltaTable(source: DeltaTableSource, { root, session }: SourcePlanning): Promise<SourcePlan> {
  const version = source.version ?? (await latest(placeOf(root, source), session));
  return { kind: "delta", reads: [{ statement: `version ${version}`, database: source.path }] };
}

async function latest(path: string, session: SourceOpening["session"]): Promise<number> {
  const { version } = await openDeltaSnapshot(path, { session });
  return version;
}

/** The folder, or the recorded place of a table behind a connection. */
function placeOf(root: string, { path, connection }: DeltaTableSource): string {
  const place = findDataPlace({ path, connection });
  return "local" in place ? resolveProjectPath(root, place.local) : printPlace(place.remote);
}
