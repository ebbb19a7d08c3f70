// Defines the messages between a worker and an isolate. The isolate asks and the worker answers, because only the
// worker has the store.
import type { Exchange } from "../../core/connection/exchange.ts";
import type { DurableWait } from "../../core/job/durable-wait.ts";
import type { AttemptMetrics, ClaimedRun, Json, LogLevel, NewEvent } from "../../store/rows/run-records.ts";
import type { PortMethod } from "../attempt/attempt-port.ts";
import type { JobLocation } from "../attempt/job-registry.ts";
import type { WireError } from "./wire-error.ts";

export type ToIsolate =
  | { readonly type: "start"; readonly run: ClaimedRun; readonly location: JobLocation; readonly windDownMs: number }
  | { readonly type: "reply"; readonly id: number; readonly value: unknown }
  | { readonly type: "refusal"; readonly id: number; readonly error: WireError }
  /** A log line of that level, or a progress, was taken. */
  | { readonly type: "taken"; readonly what: LogLevel | "progress" }
  | { readonly type: "pause"; readonly by: string }
  | { readonly type: "abort"; readonly error: WireError };

export type FromIsolate =
  | { readonly type: "ready" }
  | { readonly type: "call"; readonly id: number; readonly method: PortMethod; readonly args: readonly unknown[] }
  | { readonly type: "log"; readonly level: LogLevel; readonly message: string; readonly fields?: Json }
  | { readonly type: "progress"; readonly done?: number; readonly total?: number; readonly operation?: string }
  | { readonly type: "exchange"; readonly exchange: Exchange }
  | {
      readonly type: "end";
      readonly end: WireEnd;
      readonly events: readonly NewEvent[];
      readonly metrics: AttemptMetrics;
    };

export type WireEnd = (
  | { readonly end: "finished"; readonly result: Json }
  | { readonly end: "partial"; readonly result: Json; readonly failures: readonly string[] }
  | { readonly end: "snoozed"; readonly delayMs: number; readonly wait?: DurableWait }
  | { readonly end: "paused" }
  | { readonly end: "failed"; readonly error: WireError }
) & { readonly warnings: readonly string[] };
