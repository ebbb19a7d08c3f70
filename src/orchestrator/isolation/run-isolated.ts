// The worker's side of an attempt in a thread or process of its own: serves its calls, tells it to stop, and ends it when it
// does not. Whatever the isolate does, this resolves: with its own end, with why it was stopped, or with how it died.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { AttemptEnd } from "../../core/job/run-job.ts";
import type { AttemptMetrics, ClaimedRun, NewEvent } from "../../store/rows/run-records.ts";
import { type AttemptRecorder, type AttemptPort, portMethods } from "../attempt/attempt-port.ts";
import type { JobLocation } from "../attempt/job-registry.ts";
import type { AttemptReport } from "../attempt/run-attempt.ts";
import type { YieldPoint } from "../attempt/yield-point.ts";
import type { Isolate, IsolateEnd, Launcher } from "./launcher.ts";
import type { FromIsolate, ToIsolate } from "./messages.ts";
import { fromWireEnd } from "./wire-end.ts";
import { toWireError } from "./wire-error.ts";

export interface RunIsolatedInput {
  readonly launcher: Launcher;
  readonly mode: "thread" | "process";
  readonly run: ClaimedRun;
  readonly location: JobLocation;
  readonly lease: AttemptPort;
  readonly recorder: AttemptRecorder;
  readonly signal: AbortSignal;
  readonly yieldPoint: YieldPoint;
  readonly clock: Clock;
  readonly windDownMs: number;
}

export type IsolatedReport = AttemptReport & { readonly metrics: AttemptMetrics };

/** The isolate counts the time itself and then calls `onFailure`; one that cannot even do that is killed. */
const killMarginMs = 300;
/** From asking a process to end to ending it, and from the end of the attempt to that of its isolate. */
const exitGraceMs = 300;
const closeGraceMs = 1_000;
const killGraceMs = 2_000;

/** Runs one attempt in an isolate and leaves nothing of it behind. Never rejects. */
export async function runIsolated(input: RunIsolatedInput): Promise<IsolatedReport> {
  const { launcher, mode, run, signal, yieldPoint, clock } = input;
  const reported = Promise.withResolvers<IsolatedReport>();
  const isolate = launcher.launch({
    mode,
    name: `millrace ${run.job}`,
    onMessage: (message) => receive(message as FromIsolate),
  });
  const send = (message: ToIsolate): void => isolate.send(message);
  let report: IsolatedReport | undefined;
  const receive = createReceiver(input, send, (received) => {
    report = received;
    reported.resolve(received);
  });
  const onAbort = (): void => send({ type: "abort", error: toWireError(signal.reason) });
  yieldPoint.forwardPause((by) => send({ type: "pause", by }));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const over = new AbortController();
  try {
    return await Promise.race([
      reported.promise,
      // Its last word and its end may come in the same moment.
      isolate.ended.then((end) => report ?? died(input, end)),
      untilOverdue(input, over.signal).then(() => stopped(signal)),
    ]);
  } finally {
    over.abort();
    signal.removeEventListener("abort", onAbort);
    await endIsolate(isolate, clock, isLost(signal) ? [] : report !== undefined ? ["close", "term"] : ["term"]);
  }
}

function createReceiver(
  { run, location, windDownMs, lease, recorder }: RunIsolatedInput,
  send: (message: ToIsolate) => void,
  report: (report: IsolatedReport) => void,
): (message: FromIsolate) => void {
  return (message) => {
    switch (message.type) {
      case "ready":
        send({ type: "start", run, location, windDownMs });
        return;
      case "call":
        void answer(lease, message).then(send);
        return;
      case "log":
        recorder.log(message.level, message.message, message.fields as Readonly<Record<string, unknown>> | undefined);
        send({ type: "taken", what: message.level });
        return;
      case "progress": {
        const { type: _type, ...update } = message;
        recorder.progress(update);
        send({ type: "taken", what: "progress" });
        return;
      }
      case "exchange":
        recorder.exchange(message.exchange);
        return;
      case "end":
        report({ end: fromWireEnd(message.end), events: message.events, metrics: message.metrics });
    }
  };
}

async function answer(
  lease: AttemptPort,
  { id, method, args }: Extract<FromIsolate, { type: "call" }>,
): Promise<ToIsolate> {
  try {
    if (!portMethods.includes(method)) throw new MillraceError("INTERNAL", `unknown call of an isolate: \`${method}\``);
    // The other side is typed by the same interface.
    const call = lease[method] as (...given: readonly unknown[]) => Promise<unknown>;
    return { type: "reply", id, value: await call.apply(lease, [...args]) };
  } catch (thrown) {
    return { type: "refusal", id, error: toWireError(thrown) };
  }
}

// A lost run may be elsewhere by now: its isolate has no time. Others have their grace.
async function untilOverdue({ signal, clock, windDownMs }: RunIsolatedInput, over: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true, signal: over });
  });
  if (!isLost(signal)) await clock.sleep(windDownMs + killMarginMs, over);
}

async function endIsolate(isolate: Isolate, clock: Clock, graces: readonly ("close" | "term")[]): Promise<void> {
  for (const grace of graces) {
    if (grace === "term") isolate.kill("term");
    if (await endsWithin(isolate, clock, grace === "term" ? exitGraceMs : closeGraceMs)) break;
  }
  // The isolate is killed even when it has ended: what it started may still be there.
  isolate.kill("now");
  // A thread inside a native call, such as a long query, runs no more JavaScript but ends only when that call returns. It can
  // write nothing any more, so the run does not wait for it.
  await endsWithin(isolate, clock, killGraceMs);
}

async function endsWithin(isolate: Isolate, clock: Clock, graceMs: number): Promise<boolean> {
  const over = new AbortController();
  const ended = isolate.ended.then(() => true);
  const first = await Promise.race([ended, clock.sleep(graceMs, over.signal).then(() => false)]);
  over.abort();
  return first;
}

function stopped(signal: AbortSignal): IsolatedReport {
  return toReport({ end: "failed", error: classifyError(signal.reason), warnings: [] });
}

function died({ mode, run, signal }: RunIsolatedInput, end: IsolateEnd): IsolatedReport {
  // Ended because it was told to, before it could say so.
  if (signal.aborted) return stopped(signal);
  const error = new MillraceError("ISOLATE_DIED", `${mode} of job \`${run.job}\` ended by itself: ${describe(end)}`, {
    ...(end.error === undefined ? {} : { cause: end.error }),
    details: { exitCode: end.exitCode ?? null, signal: end.signal ?? null },
  });
  return toReport({ end: "failed", error, warnings: [] });
}

function describe({ exitCode, signal, error }: IsolateEnd): string {
  const how = signal === undefined ? `exit code ${exitCode ?? "unknown"}` : `signal ${signal}`;
  return error === undefined ? how : `${error.message} (${how})`;
}

function toReport(end: AttemptEnd, events: readonly NewEvent[] = []): IsolatedReport {
  return { end, events, metrics: {} };
}

function isLost({ reason }: AbortSignal): boolean {
  return reason instanceof MillraceError && reason.code === "RUN_LOST";
}
