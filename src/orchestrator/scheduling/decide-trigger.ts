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
  /** What it fires for; `undefined` when it does not. */
  readonly cause: TriggerCause | undefined;
}

/** What a schedule fired for, as its fire keeps it. */
export type TriggerCause =
  /** The new versions, by dataset. */
  | { readonly datasets: Readonly<Record<string, number>> }
  /** How many files there were, and the first 20 of them. */
  | { readonly files: readonly string[]; readonly count: number };

/** What a schedule has seen of what it waits for. */
export type TriggerSeen =
  /** The versions at its last fire, by dataset. */
  | { readonly kind: "datasets"; readonly versions: ReadonlyMap<string, number> }
  /** How many of the files that are there were fired for, and which came at the last look. */
  | { readonly kind: "files"; readonly taken: number; readonly arriving: readonly string[] };

/** @param seen what the schedule had seen; anything else than what this module has made counts as nothing */
export function decideTrigger(timing: TriggerTiming, seen: Json | undefined, sight: TriggerSight): TriggerDecision {
  return timing.kind === "datasets" ? decideDatasets(timing, seen, sight) : decideFiles(seen, sight);
}

/** What the store keeps of a schedule, in the words of people. */
export function readSeen({ kind }: TriggerTiming, seen: Json | undefined): TriggerSeen {
  if (kind === "datasets") return { kind, versions: new Map(Object.entries(parseVersions(seen))) };
  const { done, arriving } = parseFiles(seen);
  return { kind, taken: Object.keys(done).length, arriving: Object.keys(arriving).toSorted() };
}

/** `undefined` for a fire that had no cause but its instant, and for causes that another release has left. */
export function readCause(cause: Json | undefined): TriggerCause | undefined {
  return triggerCause.safeParse(cause).data;
}

/** Another version than at the last fire counts as new, also one that is lower: after a reset they are counted from 1 again. */
export function isNewVersion(version: number | undefined, seen: number | undefined): version is number {
  return version !== undefined && version !== seen;
}

const triggerCause: z.ZodType<TriggerCause> = z.union([
  z.object({ datasets: z.record(z.string(), z.number()) }),
  z.object({ files: z.array(z.string()), count: z.number() }),
]);

/** Of the files that a fire was for. */
const namedFiles = 20;

const seenVersions = z.record(z.string(), z.number());

function parseVersions(seen: Json | undefined): Readonly<Record<string, number>> {
  return seenVersions.safeParse(seen).data ?? {};
}

function decideDatasets(
  { datasets, any }: Extract<TriggerTiming, { kind: "datasets" }>,
  seen: Json | undefined,
  { versions }: TriggerSight,
): TriggerDecision {
  const before = parseVersions(seen);
  const now = datasets.flatMap((name) => {
    const version = versions.get(name);
    return version === undefined ? [] : [[name, version] as const];
  });
  const fresh = now.filter(([name, version]) => isNewVersion(version, before[name]));
  const fires = fresh.length > 0 && (any || fresh.length === datasets.length);
  if (!fires) return { fires, seen: undefined, params: {}, cause: undefined };
  return { fires, seen: Object.fromEntries(now), params: {}, cause: { datasets: Object.fromEntries(fresh) } };
}

const seenFiles = z.object({ done: z.record(z.string(), z.string()), arriving: z.record(z.string(), z.string()) });

function parseFiles(seen: Json | undefined): z.infer<typeof seenFiles> {
  return seenFiles.safeParse(seen).data ?? { done: {}, arriving: {} };
}

/** A file has settled when it is as it was at the look before. One that changes later is a new one. */
function decideFiles(seen: Json | undefined, { files }: TriggerSight): TriggerDecision {
  const before = parseFiles(seen);
  const stamps = files.map(({ path, bytes, changedAtMs }) => [path, `${bytes}:${changedAtMs}`] as const);
  const open = stamps.filter(([path, stamp]) => before.done[path] !== stamp);
  const settled = open.filter(([path, stamp]) => before.arriving[path] === stamp);
  const arriving = open.filter(([path, stamp]) => before.arriving[path] !== stamp);
  const done = stamps.filter(([path, stamp]) => before.done[path] === stamp);
  const next = { done: Object.fromEntries([...done, ...settled]), arriving: Object.fromEntries(arriving) };
  const isSame = JSON.stringify(next) === JSON.stringify(before);
  const paths = settled.map(([path]) => path).toSorted();
  const fires = paths.length > 0;
  return {
    fires,
    seen: isSame ? undefined : next,
    params: fires ? { files: paths } : {},
    cause: fires ? { files: paths.slice(0, namedFiles), count: paths.length } : undefined,
  };
}
