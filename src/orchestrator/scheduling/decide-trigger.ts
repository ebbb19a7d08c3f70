// Decides whether a schedule that waits for something fires: for new versions of datasets, or for files. It is pure; what was seen
// is in the store, and changes with the run that follows from it, so that nothing is fired for twice and nothing is left out.
import { z } from "zod";
import type { TriggerTiming } from "../../core/schedule/schedule.ts";
import type { Json } from "../../store/rows/run-records.ts";

/** A file that a pattern fits. */
export interface FoundFile {
  /** As the pattern is: relative to the project, or absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly changedAtMs: number;
}

/** What is there when a schedule looks. */
export interface TriggerSight {
  /** The latest version of each dataset that has one. */
  readonly versions: ReadonlyMap<string, number>;
  readonly files: readonly FoundFile[];
}

export interface TriggerDecision {
  readonly fires: boolean;
  /** What the schedule has seen now; `undefined` when that is what it has seen before. */
  readonly seen: Json | undefined;
  /** What the run is given beside the params of the schedule. */
  readonly params: Readonly<Record<string, Json>>;
}

/** @param seen what the schedule had seen; anything else than what this module has made counts as nothing */
export function decideTrigger(timing: TriggerTiming, seen: Json | undefined, sight: TriggerSight): TriggerDecision {
  return timing.kind === "datasets" ? decideDatasets(timing, seen, sight) : decideFiles(seen, sight);
}

const seenVersions = z.record(z.string(), z.number());

/** A version that differs counts as new, also one that is lower: versions are counted from 1 again after a reset. */
function decideDatasets(
  { datasets, any }: Extract<TriggerTiming, { kind: "datasets" }>,
  seen: Json | undefined,
  { versions }: TriggerSight,
): TriggerDecision {
  const before = seenVersions.safeParse(seen).data ?? {};
  const isNew = (name: string): boolean => versions.has(name) && versions.get(name) !== before[name];
  const fires = any ? datasets.some(isNew) : datasets.every(isNew);
  if (!fires) return { fires, seen: undefined, params: {} };
  const now = datasets.flatMap((name) => (versions.has(name) ? [[name, versions.get(name) ?? 0] as const] : []));
  return { fires, seen: Object.fromEntries(now), params: {} };
}

const seenFiles = z.object({ done: z.record(z.string(), z.string()), arriving: z.record(z.string(), z.string()) });

/** A file has settled when it is as it was at the look before. One that changes later is a new one. */
function decideFiles(seen: Json | undefined, { files }: TriggerSight): TriggerDecision {
  const before = seenFiles.safeParse(seen).data ?? { done: {}, arriving: {} };
  const stamps = files.map(({ path, bytes, changedAtMs }) => [path, `${bytes}:${changedAtMs}`] as const);
  const open = stamps.filter(([path, stamp]) => before.done[path] !== stamp);
  const settled = open.filter(([path, stamp]) => before.arriving[path] === stamp);
  const arriving = open.filter(([path, stamp]) => before.arriving[path] !== stamp);
  const done = stamps.filter(([path, stamp]) => before.done[path] === stamp);
  const next = { done: Object.fromEntries([...done, ...settled]), arriving: Object.fromEntries(arriving) };
  const isSame = JSON.stringify(next) === JSON.stringify(before);
  return {
    fires: settled.length > 0,
    seen: isSame ? undefined : next,
    params: settled.length === 0 ? {} : { files: settled.map(([path]) => path).toSorted() },
  };
}
