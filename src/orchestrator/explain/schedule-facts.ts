// What is known about when schedules fire: what they wait for, what of it has come, and what holds back what is due. It looks
// where the scheduler looks, so that people are told what it will do.
import { isTrigger, type Schedule } from "../../core/schedule/schedule.ts";
import { parseScheduleDefinition } from "../../core/schedule/schedule-definition.ts";
import type { RunId } from "../../core/run-id.ts";
import type { JobActivity, ScheduleRecord } from "../../store/schedules/schedule-store.ts";
import type { Store } from "../../store/store.ts";
import { type DependencyHold, findHolds } from "../scheduling/decide-fires.ts";
import { isNewVersion, readSeen, type TriggerSeen } from "../scheduling/decide-trigger.ts";

export interface ScheduleFacts {
  readonly record: ScheduleRecord;
  /** `undefined` for one of a form that only a later release knows. */
  readonly schedule: Schedule | undefined;
  readonly nowMs: number;
  /** Datasets that it waits for, in the order of its definition. */
  readonly awaited: readonly AwaitedDataset[];
  /** For one that waits for files: as its last look left it. */
  readonly files: Extract<TriggerSeen, { kind: "files" }> | undefined;
  /** Whether all has come that it waits for. Of files only the next look can tell. */
  readonly hasCome: boolean;
  /** What it waits for though it is due. */
  readonly holds: readonly DependencyHold[];
  /** An unfinished run of its own that it waits for though it is due. */
  readonly unfinished: RunId | undefined;
}

export interface AwaitedDataset {
  readonly dataset: string;
  /** The latest one. */
  readonly version: number | undefined;
  /** The one that was the latest when it last fired. */
  readonly seenVersion: number | undefined;
  readonly isNew: boolean;
}

/** What the facts are read from. */
export type FactStore = Pick<Store, "findDataset" | "listActivity" | "searchRuns" | "readClockMs">;

/** In the order given. Asks once for each dataset, once for all dependencies, and once for each schedule that waits for a run of its own. */
export async function loadScheduleFacts(
  store: FactStore,
  records: readonly ScheduleRecord[],
): Promise<readonly ScheduleFacts[]> {
  const known = records.map((record) => ({ record, schedule: parseScheduleDefinition(record.definition) }));
  const schedules = known.flatMap(({ schedule }) => schedule ?? []);
  const [nowMs, versions, activity] = await Promise.all([
    store.readClockMs(),
    loadVersions(store, schedules),
    loadActivity(store, schedules),
  ]);
  return await Promise.all(known.map((item) => toFacts(store, item, { nowMs, versions, activity })));
}

interface Known {
  readonly record: ScheduleRecord;
  readonly schedule: Schedule | undefined;
}

interface Sight {
  readonly nowMs: number;
  readonly versions: ReadonlyMap<string, number>;
  readonly activity: ReadonlyMap<string, JobActivity>;
}

async function toFacts(
  store: FactStore,
  { record, schedule }: Known,
  { nowMs, versions, activity }: Sight,
): Promise<ScheduleFacts> {
  const nothing = { awaited: [], files: undefined, hasCome: false, holds: [], unfinished: undefined };
  if (schedule === undefined) return { record, schedule, nowMs, ...nothing };
  const { timing } = schedule;
  const seen = isTrigger(timing) ? readSeen(timing, record.seen) : undefined;
  const awaited = timing.kind === "datasets" ? toAwaited(timing.datasets, versions, seen) : [];
  const isEnough = timing.kind === "datasets" && timing.any ? awaited.some(({ isNew }) => isNew) : undefined;
  const hasCome = isEnough ?? (awaited.length > 0 && awaited.every(({ isNew }) => isNew));
  const isDue = !record.paused && record.nextFireAtMs <= nowMs && (timing.kind !== "datasets" || hasCome);
  const holds = isDue ? findHolds({ schedule, due: { ...record, seenAtMs: nowMs }, activity }) : [];
  const isHeldByRuns = isDue && holds.length === 0 && waitsForItsRuns(schedule);
  const unfinished = isHeldByRuns ? await findUnfinished(store, record.name) : undefined;
  const files = seen?.kind === "files" ? seen : undefined;
  return { record, schedule, nowMs, awaited, files, hasCome, holds, unfinished };
}

function toAwaited(
  datasets: readonly string[],
  versions: ReadonlyMap<string, number>,
  seen: TriggerSeen | undefined,
): readonly AwaitedDataset[] {
  return datasets.map((dataset) => {
    const version = versions.get(dataset);
    const seenVersion = seen?.kind === "datasets" ? seen.versions.get(dataset) : undefined;
    return { dataset, version, seenVersion, isNew: isNewVersion(version, seenVersion) };
  });
}

/** What comes while a run is unfinished makes a run afterwards, unless they may overlap; an instant only where it is said. */
function waitsForItsRuns({ timing, overlap }: Schedule): boolean {
  return overlap !== "allow" && (overlap !== "skip" || isTrigger(timing));
}

async function findUnfinished(store: FactStore, job: string): Promise<RunId | undefined> {
  const { runs } = await store.searchRuns({ job, states: ["PENDING", "RUNNING", "PAUSED"], rootsOnly: true, limit: 1 });
  return runs[0]?.id;
}

async function loadVersions(store: FactStore, schedules: readonly Schedule[]): Promise<ReadonlyMap<string, number>> {
  const names = new Set(schedules.flatMap(({ timing }) => (timing.kind === "datasets" ? timing.datasets : [])));
  const found = await Promise.all([...names].map((name) => store.findDataset(name)));
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.dataset, one.version] as const])));
}

async function loadActivity(
  store: FactStore,
  schedules: readonly Schedule[],
): Promise<ReadonlyMap<string, JobActivity>> {
  const names = new Set(schedules.flatMap(({ dependencies }) => dependencies));
  if (names.size === 0) return new Map();
  return new Map((await store.listActivity([...names])).map((activity) => [activity.job, activity]));
}
