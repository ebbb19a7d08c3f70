// The scheduler: turns due schedules into runs. Any number of processes may run one; the store lets each instant happen once.
// It fires only what its own process defines, and by the definition that the store holds, so releases may run side by side.
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import { isTrigger, type Schedule, type TriggerTiming } from "../../core/schedule/schedule.ts";
import { parseScheduleDefinition } from "../../core/schedule/schedule-definition.ts";
import { nextFire } from "../../core/schedule/schedule-fires.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { Json, Submission } from "../../store/rows/run-records.ts";
import type {
  DueSchedule,
  FiredTick,
  JobActivity,
  NewFire,
  ScheduleTick,
} from "../../store/schedules/schedule-store.ts";
import type { Store } from "../../store/store.ts";
import { decideFires, type DependencyHold, findHolds, type TickPlan } from "./decide-fires.ts";
import { decideTrigger, type FoundFile, type TriggerSight } from "./decide-trigger.ts";
import { Wake } from "../upkeep/wake.ts";

export interface SchedulerOptions {
  readonly store: Store;
  /** For waiting; what time it is, the store alone knows. */
  readonly clock: Pick<Clock, "sleep">;
  /** In [0, 1). */
  readonly random: () => number;
  /** What this process defines. */
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** The runs of one fire of a job or pipeline. */
  readonly toSubmission: (name: string, options: ScheduledRunOptions) => Submission;
  /** Files that fit a pattern, for schedules that wait for files. Default: there are none. */
  readonly findFiles?: (path: string) => Promise<readonly FoundFile[]>;
  /** What is done after each look, in the same loop: it goes by the same clock. Default: nothing. */
  readonly afterLook?: () => Promise<void>;
  /** Longest wait before the store is asked again; the wait is spread over 50–100 % of it. Default 1,000. */
  readonly pollMs?: number;
  readonly onEvent?: (event: SchedulerEvent) => void;
  /** Told about a store that cannot be reached and schedules that cannot be fired; the scheduler goes on by itself. */
  readonly onError: (error: MillraceError) => void;
}

export interface ScheduledRunOptions {
  readonly params: Readonly<Record<string, Json>>;
  readonly window: Window | undefined;
  readonly createdBy: "schedule";
}

export type SchedulerEvent =
  /** `lateMs` from the newest instant to the transaction that made its run. */
  | { readonly type: "fired"; readonly name: string; readonly runIds: readonly RunId[]; readonly lateMs: number }
  /** It stays due until its dependencies are done, or these runs have ended. */
  | { readonly type: "held"; readonly name: string; readonly by: readonly DependencyHold[] | readonly RunId[] }
  /** Too many instants passed while nobody looked: those before `fromMs` are neither run nor recorded. */
  | { readonly type: "dropped"; readonly name: string; readonly sinceMs: number; readonly beforeMs: number };

interface Hold {
  readonly fireAtMs: number;
  readonly sinceMs: number;
  readonly by: "run" | "dependency";
  readonly event: string;
}

interface KnownDue {
  readonly due: DueSchedule;
  readonly schedule: Schedule;
}

const pageSize = 1_000;

/** Fires due schedules from `start` to `stop`. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #wake: Wake;
  readonly #holds = new Map<string, Hold>();
  #isSaved = false;
  #stopping = false;
  #loop: Promise<void> | undefined;
  #subscription: Disposable | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  /** Saves the definitions and begins to look. Schedules that are new or changed start from now. */
  start(): void {
    this.#subscription ??= this.#options.store.subscribe((change) => {
      if (change === "schedule") this.#wake.notify();
    });
    this.#loop ??= this.#run();
  }

  /** Resolves when the last look has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#subscription?.[Symbol.dispose]();
    this.#wake.notify();
    await this.#loop;
  }

  /**
   * Fires all that is due. @returns how long to wait before the next look, 0 when there is more
   * @throws MillraceError when the store cannot be reached
   */
  async look(): Promise<number> {
    await this.#saveDefinitions();
    let after: DueSchedule | undefined;
    let isMore = false;
    let seenAtMs: number | undefined;
    do {
      const page = await this.#options.store.listDueSchedules(pageSize, after);
      after = page.length < pageSize ? undefined : page.at(-1);
      seenAtMs = page.at(-1)?.seenAtMs ?? seenAtMs;
      if (page.length > 0 && (await this.#firePage(page))) isMore = true;
      // A page in SQLite holds this thread for some 50 ms; others of this process get their turn in between.
      if (after !== undefined) await this.#options.clock.sleep(1);
    } while (after !== undefined && !this.#stopping);
    return isMore ? 0 : await this.#msUntilNext(seenAtMs);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping) {
      try {
        const waitMs = await this.look();
        await this.#options.afterLook?.();
        failures = 0;
        await this.#wake.wait(waitMs);
      } catch (error) {
        failures += 1;
        this.#options.onError(classifyError(error));
        await this.#wake.wait(Math.min(100 * 2 ** failures, 5_000));
      }
    }
  }

  async #saveDefinitions(): Promise<void> {
    if (this.#isSaved) return;
    const { store, schedules } = this.#options;
    const nowMs = await store.readClockMs();
    const rows = [...schedules].flatMap(([name, schedule]) => {
      const nextFireAtMs = isTrigger(schedule.timing) ? nowMs : nextFire(schedule.timing, nowMs);
      return nextFireAtMs === undefined ? [] : [{ name, definition: { ...schedule }, nextFireAtMs }];
    });
    for (let from = 0; from < rows.length; from += pageSize)
      await store.saveSchedules(rows.slice(from, from + pageSize));
    this.#isSaved = true;
  }

  // Returns whether a schedule that was fired is due again at once.
  async #firePage(page: readonly DueSchedule[]): Promise<boolean> {
    const known = page.flatMap((due): KnownDue[] => {
      const schedule = this.#options.schedules.has(due.name) ? parseScheduleDefinition(due.definition) : undefined;
      return schedule === undefined ? [] : [{ due, schedule }];
    });
    const activity = await this.#loadActivity(known);
    const sights = await this.#look(known);
    const ticks = known.flatMap((item) => this.#toTick(item, activity, sights.get(item.due.name)));
    if (ticks.length === 0) return false;
    const fired = await this.#options.store.fire(ticks);
    const byName = new Map(known.map((item) => [item.due.name, item]));
    for (const tick of fired) await this.#follow(tick, byName.get(tick.name), ticks);
    const seenAtMs = page[0]?.seenAtMs ?? 0;
    const moved = new Set(fired.filter(({ heldBy }) => heldBy.length === 0).map(({ name }) => name));
    return ticks.some(({ name, nextFireAtMs }) => nextFireAtMs <= seenAtMs && moved.has(name));
  }

  async #loadActivity(known: readonly KnownDue[]): Promise<ReadonlyMap<string, JobActivity>> {
    const names = known.flatMap(({ due, schedule }) =>
      schedule.fastRecoveryMs === null ? schedule.dependencies : [due.name, ...schedule.dependencies],
    );
    if (names.length === 0) return new Map();
    const list = await this.#options.store.listActivity([...new Set(names)]);
    return new Map(list.map((activity) => [activity.job, activity]));
  }

  /** What is there of what schedules wait for, by the name of the schedule. */
  async #look(known: readonly KnownDue[]): Promise<ReadonlyMap<string, TriggerSight>> {
    const sights = new Map<string, TriggerSight>();
    for (const { due, schedule } of known) {
      if (!isTrigger(schedule.timing)) continue;
      try {
        sights.set(due.name, await this.#lookFor(schedule.timing));
      } catch (error) {
        // A folder that cannot be read must not keep the other schedules from firing; it is looked at again with the next poll.
        this.#options.onError(classifyError(error));
      }
    }
    return sights;
  }

  async #lookFor(timing: TriggerTiming): Promise<TriggerSight> {
    const { store, findFiles } = this.#options;
    if (timing.kind === "files") return { versions: new Map(), files: (await findFiles?.(timing.path)) ?? [] };
    const found = await Promise.all(timing.datasets.map((name) => store.findDataset(name)));
    const versions = found.flatMap((one) => (one === undefined ? [] : [[one.dataset, one.version] as const]));
    return { versions: new Map(versions), files: [] };
  }

  #toTick(
    { due, schedule }: KnownDue,
    activity: ReadonlyMap<string, JobActivity>,
    sight: TriggerSight | undefined,
  ): ScheduleTick[] {
    try {
      const { timing } = schedule;
      if (isTrigger(timing))
        return sight === undefined ? [] : this.#toTriggerTick({ due, schedule }, timing, activity, sight);
      const held = this.#holds.get(due.name);
      const hold = held?.fireAtMs === due.nextFireAtMs ? held : undefined;
      const plan = decideFires({ schedule, due, activity, hold });
      if (plan.kind === "held") {
        this.#hold(due, "dependency", plan.by);
        return [];
      }
      return [this.#planToTick(due, schedule, plan)];
    } catch (error) {
      // One schedule that cannot be fired must not keep the others from it.
      this.#options.onError(classifyError(error));
      return [];
    }
  }

  /** What has come waits for dependencies and for a run before it, and is not lost meanwhile. */
  #toTriggerTick(
    { due, schedule }: KnownDue,
    timing: TriggerTiming,
    activity: ReadonlyMap<string, JobActivity>,
    sight: TriggerSight,
  ): ScheduleTick[] {
    const { fires, seen, params, cause } = decideTrigger(timing, due.seen, sight);
    const holds = fires ? findHolds({ schedule, due, activity }) : [];
    if (holds.length > 0) {
      this.#hold(due, "dependency", holds);
      return [];
    }
    const options = { params: { ...schedule.params, ...params }, window: undefined, createdBy: "schedule" } as const;
    const fire = (): NewFire => ({
      fireAtMs: due.nextFireAtMs,
      decision: "run",
      submission: this.#fit(this.#options.toSubmission(due.name, options), schedule, due.seenAtMs),
      ...(cause === undefined ? {} : { cause: { ...cause } }),
    });
    return [
      {
        name: due.name,
        seenFireAtMs: due.nextFireAtMs,
        nextFireAtMs: due.seenAtMs + timing.everyMs,
        whileUnfinished: schedule.overlap === "allow" ? "ignore" : "hold",
        fires: fires ? [fire()] : [],
        ...(seen === undefined ? {} : { seen }),
      },
    ];
  }

  #planToTick(due: DueSchedule, schedule: Schedule, plan: TickPlan): ScheduleTick {
    const { nextFireAtMs, whileUnfinished, runs, others, droppedFromMs } = plan;
    if (droppedFromMs !== undefined) {
      const beforeMs = Math.min(...[...runs, ...others].map(({ fireAtMs }) => fireAtMs));
      if (droppedFromMs < beforeMs) this.#emit({ type: "dropped", name: due.name, sinceMs: droppedFromMs, beforeMs });
    }
    const fires: NewFire[] = runs.map(({ fireAtMs, window }) => {
      const options = { params: schedule.params, window, createdBy: "schedule" } as const;
      const submission = this.#options.toSubmission(due.name, options);
      return { fireAtMs, decision: "run", submission: this.#fit(submission, schedule, due.seenAtMs) };
    });
    return {
      name: due.name,
      seenFireAtMs: due.nextFireAtMs,
      nextFireAtMs,
      whileUnfinished,
      fires: [...others, ...fires].toSorted((a, b) => a.fireAtMs - b.fireAtMs),
    };
  }

  // Runs that may overlap have no key, or the second would be taken for the first.
  #fit({ runKey, ...submission }: Submission, { overlap, jitterMs }: Schedule, nowMs: number): Submission {
    const runAtMs = nowMs + Math.floor(this.#options.random() * jitterMs);
    const runs =
      jitterMs === 0 ? submission.runs : submission.runs.map((run) => (run.kind === "job" ? { ...run, runAtMs } : run));
    return { ...submission, runs, ...(runKey === undefined || overlap === "allow" ? {} : { runKey }) };
  }

  async #follow(tick: FiredTick, known: KnownDue | undefined, ticks: readonly ScheduleTick[]): Promise<void> {
    if (known === undefined) return;
    if (tick.heldBy.length > 0) {
      this.#hold(known.due, "run", tick.heldBy);
      if (known.schedule.overlap === "cancel_running") await this.#stopRuns(tick.name, tick.heldBy);
      return;
    }
    this.#holds.delete(tick.name);
    if (tick.runIds.length === 0) return;
    const fires = ticks.find(({ name }) => name === tick.name)?.fires ?? [];
    const newest = fires.findLast(({ decision }) => decision === "run")?.fireAtMs ?? tick.firedAtMs;
    this.#emit({ type: "fired", name: tick.name, runIds: tick.runIds, lateMs: tick.firedAtMs - newest });
  }

  async #stopRuns(name: string, runIds: readonly RunId[]): Promise<void> {
    for (const runId of runIds) {
      try {
        const reason = `the next run of schedule \`${name}\` is due`;
        await this.#options.store.control({ action: "stop", target: { runId }, by: "schedule", reason });
      } catch (error) {
        // It may have ended by itself.
        const known = classifyError(error);
        if (known.code !== "TRANSITION_INVALID" && known.code !== "RUN_UNKNOWN") this.#options.onError(known);
      }
    }
  }

  #hold(due: DueSchedule, by: Hold["by"], holders: readonly DependencyHold[] | readonly RunId[]): void {
    const before = this.#holds.get(due.name);
    const isSame = before?.fireAtMs === due.nextFireAtMs;
    const event = JSON.stringify(holders);
    const sinceMs = isSame ? before.sinceMs : due.seenAtMs;
    this.#holds.set(due.name, { fireAtMs: due.nextFireAtMs, sinceMs, by, event });
    if (!isSame || before.event !== event) this.#emit({ type: "held", name: due.name, by: holders });
  }

  #emit(event: SchedulerEvent): void {
    this.#options.onEvent?.(event);
  }

  async #msUntilNext(seenAtMs: number | undefined): Promise<number> {
    const { store, random, pollMs = 1_000 } = this.#options;
    const nextInMs = await store.nextFireInMs(seenAtMs);
    const waitMs = pollMs * (0.5 + random() / 2);
    return nextInMs === undefined ? waitMs : Math.max(1, Math.min(waitMs, nextInMs));
  }
}
