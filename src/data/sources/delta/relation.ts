// The rows of a Delta Lake table as of one version, whatever is committed while they are read.
import type { SourcePlan } from "../../../core/dataset/source-plan.ts";
import { openDeltaScan, openDeltaSnapshot } from "../../delta/delta-table.ts";
import { resolveProjectPath } from "../../files/project-path.ts";
import type { OpenSource, SourceOpening, SourcePlanning } from "../../source.ts";
import type { DeltaTableSource } from "./options.ts";

/** A version stays as it is, so that its rows may be read twice. @throws MillraceError `SOURCE_MISSING`, `DELTA_CORRUPT`, … */
export async function openDeltaTable(source: DeltaTableSource, opening: SourceOpening): Promise<OpenSource> {
  const { session, root } = opening;
  const path = resolveProjectPath(root, source.path);
  const warn = (message: string): void => opening.warn(message);
  const version = source.version ?? (await latest(path, session));
  return {
    rows: { scan: await openDeltaScan(path, { session, version, warn }) },
    isRepeatable: true,
    place: source.path,
  };
}

/** The version that would be read now. @throws MillraceError `SOURCE_MISSING` */
export async function planDeltaTable(source: DeltaTableSource, { root, session }: SourcePlanning): Promise<SourcePlan> {
  const version = source.version ?? (await latest(resolveProjectPath(root, source.path), session));
  return { kind: "delta", reads: [{ statement: `version ${version}`, database: source.path }] };
}

async function latest(path: string, session: SourceOpening["session"]): Promise<number> {
  const { version } = await openDeltaSnapshot(path, { session });
  return version;
}
