// What people are told of a run that ended. Whom is for the rules; what was told already is for the store.
import type { ErrorRecord } from "../../core/errors/errors.ts";
import { fingerprintError } from "../../core/errors/error-fingerprint.ts";
import type { RunReason } from "../../core/job/run-state.ts";
import type { NewNotice } from "../../core/notification/notice.ts";
import type { NoticeRouter } from "../../core/notification/notice-router.ts";
import {
  isTrouble,
  type NotificationEvent,
  notificationEvents,
  usualSeverity,
} from "../../core/notification/notification-event.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { replayOf } from "../../core/stream/replay-param.ts";
import type { Json, Settlement } from "../../store/rows/run-records.ts";

/** A run that ended, as far as people are told of it. */
export interface EndedRun {
  readonly runId: RunId;
  readonly job: string;
  readonly rootRunId?: RunId;
  readonly params?: unknown;
}

/** What people are told of the end of a run. */
export type NoticesOf = (run: EndedRun, settlement: Settlement) => readonly NewNotice[];

type Routes = Pick<NoticeRouter, "routesFor">;

/** Trouble that ends when a run finishes. That a dataset is old is for whoever looks at it. */
const endedByFinish: readonly NotificationEvent[] = ["failed", "quality", "late"];

/**
 * In the order in which a channel that is told of several gets one. Nothing for a run that goes on, that somebody stopped, or that
 * replays without effects: its job is neither in trouble nor over it.
 */
export function noticesOfEnd(router: Routes, run: EndedRun, settlement: Settlement): readonly NewNotice[] {
  if (settlement.end === "failed") return noticesOfFailure(router, run, settlement);
  if (settlement.end !== "finished" || isQuiet(run)) return [];
  const isPartial = settlement.reason === "partial";
  const finished = isPartial ? `\`${run.job}\` finished, but not all of it` : `\`${run.job}\` finished`;
  const summary = summaryOf(settlement.result);
  return [
    ...qualityNotice(router, run),
    ...(isPartial ? [] : recoveryNotice(router, run)),
    ...told(router, "succeeded", run, {
      key: `succeeded:${formatRunId(run.runId)}`,
      message: summary === undefined ? finished : `${finished}\n${summary}`,
    }),
  ];
}

/** What a job wants people to be told: the text `summary` of its result. */
function summaryOf(result: Json): string | undefined {
  if (typeof result !== "object" || result === null || !("summary" in result)) return undefined;
  return typeof result.summary === "string" && result.summary !== "" ? result.summary : undefined;
}

/** The same for a run that ended because workers died of it. */
export function noticesOfFailure(
  router: Routes,
  run: EndedRun,
  { reason, error }: { readonly reason: RunReason; readonly error: ErrorRecord },
): readonly NewNotice[] {
  // Somebody did it, and knows.
  if (reason === "stopped" || reason === "cancelled" || isQuiet(run)) return [];
  const failed = told(router, "failed", run, {
    key: `failed:${fingerprintError(error)}`,
    message: error.message,
    code: error.code,
    hint: error.hint ?? `\`millrace why ${formatRunId(run.runId)}\` tells more`,
  });
  return [...qualityNotice(router, run), ...failed];
}

function isQuiet({ params }: EndedRun): boolean {
  return replayOf(params)?.withEffects === false;
}

function qualityNotice(router: Routes, run: EndedRun): NewNotice[] {
  return told(router, "quality", run, { key: "quality", message: "", isFromChecks: true });
}

// Trouble that somebody was told of has to end, whether somebody is told of that or not.
function recoveryNotice(router: Routes, run: EndedRun): NewNotice[] {
  const isWatched = notificationEvents.some((event) => isTrouble(event) && router.routesFor(run.job, event).length > 0);
  const recovered = toNotice(router, "recovered", run, {
    key: "recovered",
    message: `\`${run.job}\` finished again`,
    ends: endedByFinish,
  });
  return isWatched || recovered.routes.length > 0 ? [recovered] : [];
}

type Facts = Pick<NewNotice, "key" | "message" | "code" | "hint" | "ends" | "isFromChecks">;

function told(router: Routes, event: NotificationEvent, run: EndedRun, facts: Facts): NewNotice[] {
  const notice = toNotice(router, event, run, facts);
  return notice.routes.length === 0 ? [] : [notice];
}

function toNotice(
  router: Routes,
  event: NotificationEvent,
  { runId, rootRunId, job }: EndedRun,
  facts: Facts,
): NewNotice {
  return {
    event,
    job,
    severity: usualSeverity[event],
    run: formatRunId(runId),
    ...(rootRunId === undefined || rootRunId === runId ? {} : { root: formatRunId(rootRunId) }),
    routes: router.routesFor(job, event),
    ...facts,
  };
}
