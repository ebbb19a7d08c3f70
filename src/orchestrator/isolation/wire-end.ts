// Ends of attempts on their way from an isolate to its worker; results cross as JSON, as they are stored.
import type { AttemptEnd } from "../../core/job/run-job.ts";
import { toJson } from "../attempt/to-json.ts";
import type { WireEnd } from "./messages.ts";
import { fromErrorRecord } from "../../core/errors/from-error-record.ts";
import { toWireError } from "./wire-error.ts";

/** For the worker. */
export function toWireEnd(end: AttemptEnd): WireEnd {
  const { warnings } = end;
  if (end.end === "failed") return { end: "failed", error: toWireError(end.error), warnings };
  if (end.end !== "finished") return end;
  const { outcome } = end;
  const result = toJson(outcome.result);
  if (outcome.outcome === "partial") return { end: "partial", result, failures: outcome.failures, warnings };
  return { end: "finished", result, warnings };
}

/** The end as the worker's side has it. */
export function fromWireEnd(wire: WireEnd): AttemptEnd {
  const { warnings } = wire;
  switch (wire.end) {
    case "finished":
      return { end: "finished", outcome: { outcome: "done", result: wire.result }, warnings };
    case "partial": {
      const { result, failures } = wire;
      return { end: "finished", outcome: { outcome: "partial", result, failures }, warnings };
    }
    case "failed":
      return { end: "failed", error: fromErrorRecord(wire.error), warnings };
    case "snoozed":
    case "paused":
      return wire;
  }
}
