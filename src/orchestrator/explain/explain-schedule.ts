// Says when a schedule fires, or what it waits for, in a sentence that a person can act on. Pure.
import { formatDuration } from "../../core/duration.ts";
import { formatRunId } from "../../core/run-id.ts";
import { describeTiming, isTrigger, type ScheduleTiming, type TriggerTiming } from "../../core/schedule/schedule.ts";
import type { FireRecord } from "../../store/schedules/schedule-store.ts";
import type { DependencyHold } from "../scheduling/decide-fires.ts";
import { readCause, type TriggerCause } from "../scheduling/decide-trigger.ts";
import type { WaitExplanation } from "./explain-wait.ts";
import type { AwaitedDataset, ScheduleFacts } from "./schedule-facts.ts";
import { at } from "./tell-time.ts";

export interface ScheduleInput extends ScheduleFacts {
  /** Whether the project has it; otherwise nobody here fires it. */
  readonly isDefined: boolean;
  /** The newest one that made a run. */
  readonly lastFire: FireRecord | undefined;
  /** Of the newest ones those whose run has failed, for a schedule that waits for files. */
  readonly failedFires: readonly FireRecord[];
}

/** The subject of the sentence is the schedule: "waits for …". */
export function explainSchedule(input: ScheduleInput): WaitExplanation {
  const { record, schedule } = input;
  const remove = `\`millrace schedules remove ${record.name}\` forgets it`;
  if (!input.isDefined)
    return { summary: "fires no more: the project does not define it", details: [], remedy: remove };
  if (schedule === undefined)
    return { summary: "is of a newer version of Millrace, and this one cannot tell when it fires", details: [] };
  const { timing } = schedule;
  const details = [
    ...describeHolds(input),
    ...(isTrigger(timing)
      ? [
          ...describeAwaited(input),
          ...describeFiles(input),
          ...input.failedFires.flatMap(describeFailed),
          ...describeLooks(input, timing),
        ]
      : []),
    ...describeLastFire(input),
  ];
  if (record.paused) {
    const summary = `is paused${record.pausedBy === undefined ? "" : ` by ${record.pausedBy}`}, and fires nothing`;
    return { summary, details, remedy: `\`millrace schedules resume ${record.name}\`` };
  }
  const nobody = isOverdue(input) ? { remedy: "if it stays like this, start `millrace server`" } : {};
  return {
    summary: isTrigger(timing) ? summarizeTrigger(input, timing) : summarizeTime(input, timing),
    details,
    ...nobody,
  };
}

/** What a fire was for: "version 5 of `orders` had come", or `undefined` when it was for its instant. */
export function tellCause(fire: FireRecord): string | undefined {
  const cause = readCause(fire.cause);
  return cause === undefined ? undefined : describeCause(cause);
}

function describeCause(cause: TriggerCause): string {
  if ("files" in cause) {
    const [first = "", ...others] = cause.files;
    const more = cause.count - 1;
    return others.length === 0
      ? `\`${first}\` had come`
      : `\`${first}\` and ${more} other ${plural(more, "file")} had come`;
  }
  const versions = Object.entries(cause.datasets).map(([dataset, version]) => `version ${version} of \`${dataset}\``);
  return `${listOf(versions)} had come`;
}

function summarizeTime({ record, nowMs, holds, unfinished }: ScheduleInput, timing: ScheduleTiming): string {
  const when = at(record.nextFireAtMs, nowMs);
  if (record.nextFireAtMs > nowMs) return `fires next at ${when}, by \`${describeTiming(timing)}\``;
  return `is due since ${when}${holds.length > 0 || unfinished !== undefined ? ", and held back" : ""}`;
}

function summarizeTrigger(input: ScheduleInput, timing: TriggerTiming): string {
  const isHeld = input.holds.length > 0 || input.unfinished !== undefined;
  return `${describeWait(input, timing)}${isHeld ? ", and is held back" : input.hasCome ? ", and fires with the next look" : ""}`;
}

/** What a schedule waits for, in a few words with the schedule as their subject. */
export function describeWait({ awaited, files, hasCome }: ScheduleFacts, timing: TriggerTiming): string {
  if (timing.kind === "files") {
    const count = files?.arriving.length ?? 0;
    const arriving = count === 0 ? "" : `; ${count} ${count === 1 ? "is" : "are"} arriving`;
    return `waits for files \`${timing.path}\`${arriving}`;
  }
  if (hasCome) return "has all that it waits for";
  const missing = awaited.filter(({ isNew }) => !isNew).map(({ dataset }) => `\`${dataset}\``);
  const came = awaited.length - missing.length;
  const some = came === 0 ? "" : `; ${came} of ${awaited.length} came`;
  return `waits for ${listOf(missing, timing.any ? "or" : "and")}${some}`;
}

function describeHolds({ holds, unfinished }: ScheduleInput): string[] {
  const own = unfinished === undefined ? [] : [`it waits for the end of its run ${formatRunId(unfinished)}`];
  return [...holds.map(describeHold), ...own];
}

function describeHold({ job, because }: DependencyHold): string {
  switch (because) {
    case "unfinished":
      return `it waits for \`${job}\`, which is under way`;
    case "failed":
      return `it waits for \`${job}\`, whose last run failed`;
    case "not_run":
      return `it waits for \`${job}\`, which has not run since`;
  }
}

function describeAwaited({ awaited }: ScheduleInput): string[] {
  return awaited.map(describeDataset);
}

function describeDataset({ dataset, version, seenVersion, isNew }: AwaitedDataset): string {
  if (version === undefined) return `\`${dataset}\` has no version yet`;
  if (!isNew) return `\`${dataset}\` is still at version ${version}, as at the last fire`;
  return `\`${dataset}\` has come: version ${version}${seenVersion === undefined ? "" : `, after ${seenVersion}`}`;
}

function describeFiles({ files }: ScheduleInput): string[] {
  if (files === undefined) return [];
  const { taken, arriving } = files;
  const named = arriving.slice(0, namedFiles).map((path) => `\`${path}\``);
  const more = arriving.length - named.length;
  const rest = more > 0 ? ` and ${more} more` : "";
  return [
    ...(arriving.length === 0
      ? []
      : [`arriving, and taken when they are the same at the next look: ${named.join(", ")}${rest}`]),
    taken === 0 ? "no file that is there was taken yet" : `files that are there and were taken before: ${taken}`,
  ];
}

const namedFiles = 5;

/** Files count as taken whatever becomes of their run. */
function describeFailed({ cause: kept, runId }: FireRecord): string[] {
  const cause = readCause(kept);
  if (runId === undefined || cause === undefined || !("files" in cause)) return [];
  const run = formatRunId(runId);
  return [
    `run ${run}, which started because ${describeCause(cause)}, has failed: \`millrace retry ${run}\` runs it again with them, and a file that is changed starts a new run`,
  ];
}

function describeLooks(input: ScheduleInput, { everyMs }: TriggerTiming): string[] {
  const { record, nowMs } = input;
  const looked =
    record.lookedAtMs === undefined
      ? "it was not looked at yet"
      : `it was looked at last at ${at(record.lookedAtMs, nowMs)}`;
  return [`${looked}; a scheduler looks every ${formatDuration(everyMs)}`];
}

function describeLastFire({ lastFire, nowMs }: ScheduleInput): string[] {
  if (lastFire === undefined) return ["it has not fired yet"];
  const cause = tellCause(lastFire);
  const run = lastFire.runId === undefined ? "" : `, as run ${formatRunId(lastFire.runId)}`;
  return [`it fired last at ${at(lastFire.firedAtMs, nowMs)}${run}${cause === undefined ? "" : `, because ${cause}`}`];
}

/** Nobody has looked for longer than a scheduler that runs would leave it. */
function isOverdue({ record, nowMs, holds, unfinished }: ScheduleInput): boolean {
  return holds.length === 0 && unfinished === undefined && nowMs - record.nextFireAtMs > overdueMs;
}

const overdueMs = 60_000;

function listOf(names: readonly string[], word = "and"): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} ${word} ${last}`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
