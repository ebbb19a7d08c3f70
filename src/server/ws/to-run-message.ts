// What clients are told of an entry in a run's history.
import type { JsonValue } from "../../api/page.ts";
import type { RunMessage, RunMessageBase } from "../../api/event-message.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { RunReason, RunState } from "../../core/job/run-state.ts";
import type { FeedEvent } from "../../store/feed/feed-store.ts";
import type { Json } from "../../store/rows/run-records.ts";
import { toInstant } from "../views/to-instant.ts";

/** Data of events that are longer than this as JSON are left to `GET /runs/{id}/events`. */
const maxDataLength = 16_384;

/** The message of an event. */
export function toRunMessage(event: FeedEvent): RunMessage {
  const data = fieldsOf(event.data);
  const base = toBase(event, data);
  switch (event.type) {
    case "submitted":
      return { type: "job_submitted", ...base };
    case "started":
      return { type: "job_started", ...base, attempt: numberOf(data, "attempt") ?? 1, worker: textOf(data, "worker") };
    case "paused":
      return { type: "job_paused", ...base, by: textOf(data, "by"), reason: textOf(data, "reason") };
    case "resumed":
      return { type: "job_resumed", ...base, by: textOf(data, "by") };
    case "finished":
    case "skipped":
      return { type: "job_completed", ...base, reason: reasonOf(data), duration_ms: durationOf(event) };
    case "failed":
    case "cancelled":
    case "stopped":
    case "force_stopped":
      return { type: "job_error", ...base, ...describeEnd(event, data) };
    case "retry_scheduled":
      return { type: "job_retry_scheduled", ...base, ...describeRetry(data) };
    default:
      return { type: "job_event", ...base, event: event.type, data: shorten(event.data) };
  }
}

type Fields = Readonly<Record<string, Json>>;

function toBase(event: FeedEvent, data: Fields): RunMessageBase {
  return {
    job_name: event.job,
    run_id: formatRunId(event.runId),
    root_run_id: formatRunId(event.rootRunId),
    parent_run_id: event.parentRunId === undefined ? null : formatRunId(event.parentRunId),
    seq: event.seq,
    pos: event.position,
    at: toInstant(event.atMs),
    state: stateAfter(event, data),
  };
}

/** States that runs are in after the orchestrator's own events; whatever else a run writes, it writes while it executes. */
const states: ReadonlyMap<string, RunState> = new Map([
  ["submitted", "PENDING"],
  ["paused", "PAUSED"],
  ["finished", "FINISHED"],
  ["skipped", "FINISHED"],
  ["failed", "ERROR"],
  ["cancelled", "ERROR"],
  ["stopped", "ERROR"],
  ["force_stopped", "ERROR"],
  ["retry_scheduled", "PENDING"],
  ["snoozed", "PENDING"],
  ["released", "PENDING"],
  ["lost", "PENDING"],
  ["rerun", "PENDING"],
  ["force_started", "PENDING"],
]);

function stateAfter({ type, kind, startedAtMs }: FeedEvent, data: Fields): RunState {
  if (type !== "resumed") return states.get(type) ?? "RUNNING";
  // A pipeline runs from the start of its first member on, whoever of them waits.
  const isRunning = data["executing"] === true || (kind === "pipeline" && startedAtMs !== undefined);
  return isRunning ? "RUNNING" : "PENDING";
}

interface EndFields {
  readonly reason: RunReason | null;
  readonly code: string | null;
  readonly error_message: string;
}

function describeEnd({ type }: FeedEvent, data: Fields): EndFields {
  switch (type) {
    case "cancelled":
      return { reason: reasonOf(data), code: null, error_message: `\`${textOf(data, "upstream") ?? "?"}\` failed` };
    case "stopped":
    case "force_stopped": {
      const why = textOf(data, "reason");
      const what = `${type.replace("_", "-")} by ${textOf(data, "by") ?? "?"}`;
      return { reason: type, code: "RUN_STOPPED", error_message: why === null ? what : `${what}: ${why}` };
    }
    default:
      return { reason: reasonOf(data), code: textOf(data, "code"), error_message: textOf(data, "message") ?? "failed" };
  }
}

function describeRetry(
  data: Fields,
): Pick<RunMessage & { type: "job_retry_scheduled" }, "attempt" | "due_at" | "error_message"> {
  const dueAtMs = numberOf(data, "runAtMs");
  return {
    attempt: numberOf(data, "attempt") ?? 1,
    due_at: dueAtMs === null ? null : toInstant(dueAtMs),
    error_message: textOf(data, "message") ?? "failed",
  };
}

function durationOf({ atMs, startedAtMs }: FeedEvent): number | null {
  // A clock that was set back makes no run end before it began.
  return startedAtMs === undefined ? null : Math.max(0, atMs - startedAtMs);
}

function shorten(data: Json | undefined): JsonValue {
  if (data === undefined) return null;
  return JSON.stringify(data).length > maxDataLength ? { left_out: true } : data;
}

function fieldsOf(data: Json | undefined): Fields {
  return data !== null && typeof data === "object" && !isList(data) ? data : {};
}

function isList(data: Json): data is readonly Json[] {
  return Array.isArray(data);
}

function textOf(data: Fields, name: string): string | null {
  const value = data[name];
  return typeof value === "string" ? value : null;
}

function numberOf(data: Fields, name: string): number | null {
  const value = data[name];
  return typeof value === "number" ? value : null;
}

// The orchestrator writes reasons of its own list alone.
function reasonOf(data: Fields): RunReason | null {
  return textOf(data, "reason") as RunReason | null;
}
