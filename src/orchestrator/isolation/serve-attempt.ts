// The isolate's side of an attempt: receives the run, executes it with the job's own code, and tells how it ended.
import type { Clock } from "../../core/clock.ts";
import type { Job } from "../../core/job/job.ts";
import type { AttemptMeter } from "./attempt-meter.ts";
import type { RunServices } from "../attempt/job-context-input.ts";
import type { JobLocation } from "../attempt/job-registry.ts";
import { runAttempt } from "../attempt/run-attempt.ts";
import { StrayWatch } from "../attempt/stray-errors.ts";
import { YieldPoint } from "../attempt/yield-point.ts";
import type { FromIsolate, ToIsolate } from "./messages.ts";
import { RemoteRecorder } from "./remote-recorder.ts";
import { createRemotePort } from "./remote-port.ts";
import { toWireEnd } from "./wire-end.ts";
import { fromErrorRecord } from "../../core/errors/from-error-record.ts";
import { toWireError } from "./wire-error.ts";

/** The line to the worker. */
export interface IsolateChannel {
  send(message: object): void;
  listen(onMessage: (message: unknown) => void): void;
  /** Ends this isolate, once what was sent is on its way. */
  close(): void;
}

export interface ServeAttemptOptions {
  readonly channel: IsolateChannel;
  readonly clock: Clock;
  readonly meter: AttemptMeter;
  /** Loads the job and what it needs. */
  readonly open: (job: string, location: JobLocation) => Promise<IsolateHome>;
  /** Brings every error of this isolate that nobody waits for: all it executes is this attempt. */
  readonly onStray: (listener: (thrown: unknown) => void) => void;
}

/** A job in its isolate. */
export interface IsolateHome extends AsyncDisposable {
  readonly job: Job;
  readonly config: unknown;
  readonly services: RunServices;
}

/** Serves the one attempt that the worker sends, then ends the isolate. */
export function serveAttempt(options: ServeAttemptOptions): void {
  const { channel, onStray } = options;
  const send = (message: FromIsolate): void => channel.send(message);
  const control = new AbortController();
  const yieldPoint = new YieldPoint(options.clock);
  const recorder = new RemoteRecorder(send);
  const { port, receive } = createRemotePort(send, (lost) => control.abort(lost));
  const strays = new StrayWatch({ control, warn: (message) => recorder.log("warn", message) });
  channel.listen((received) => {
    // The worker is of this very version and sends nothing else.
    const message = received as ToIsolate;
    switch (message.type) {
      case "start":
        onStray(strays.onStray);
        void attempt({ ...options, ...message, control, yieldPoint, recorder, port, send, strays });
        return;
      case "reply":
      case "refusal":
        receive(message);
        return;
      case "taken":
        recorder.taken(message.what);
        return;
      case "pause":
        yieldPoint.requestPause(message.by);
        return;
      case "abort":
        control.abort(fromErrorRecord(message.error));
    }
  });
  send({ type: "ready" });
}

type Attempt = ServeAttemptOptions &
  Extract<ToIsolate, { type: "start" }> & {
    readonly control: AbortController;
    readonly yieldPoint: YieldPoint;
    readonly recorder: RemoteRecorder;
    readonly port: ReturnType<typeof createRemotePort>["port"];
    readonly send: (message: FromIsolate) => void;
    readonly strays: StrayWatch;
  };

async function attempt(input: Attempt): Promise<void> {
  const { meter, recorder, send, channel, strays } = input;
  const measured = meter.measure(() => execute(input));
  const { end, events } = await measured.done;
  strays.end();
  recorder.close();
  send({ type: "end", end, events, metrics: { ...measured.read(), shared: false } });
  // What the job left behind, timers and sockets, ends with the isolate.
  channel.close();
}

async function execute(input: Attempt): Promise<Pick<Extract<FromIsolate, { type: "end" }>, "end" | "events">> {
  const { run, location, windDownMs, clock, yieldPoint, recorder, port, control } = input;
  try {
    await using home = await input.open(run.job, location);
    // Stopped while it was loaded: the handler need not begin.
    control.signal.throwIfAborted();
    const report = await runAttempt({
      ...home,
      run,
      recorder,
      yieldPoint,
      lease: port,
      signal: control.signal,
      now: () => clock.now(),
      windDown: (ended) => clock.sleep(windDownMs, ended),
    });
    return { end: toWireEnd(report.end), events: report.events };
  } catch (thrown) {
    return { end: { end: "failed", error: toWireError(thrown), warnings: [] }, events: [] };
  }
}
