// What a run gets of topics: the log of the project, what it may write, and the breakers of its connections.
import { dirname, join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import { isDataAddress } from "../../core/dataset/data-address.ts";
import type { LeftOutRecords } from "../../core/stream/batch.ts";
import type { PayloadLedger } from "../../core/stream/payload-ledger.ts";
import type { StreamPayloads } from "../../core/stream/stream-payloads.ts";
import { createLeftOut } from "../../stream/batches/left-out.ts";
import { openPayloadStore } from "../../stream/claims/open-payload-store.ts";
import type { PayloadStore } from "../../stream/claims/payload-store.ts";
import { Payloads } from "../../stream/claims/payloads.ts";
import { phaseOf } from "../../core/recovery/circuit-breaker.ts";
import type { JobStreams, ProduceResult } from "../../core/stream/job-streams.ts";
import { replayOf } from "../../core/stream/replay-param.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import type { ConnectionWatch, ReachingStreams } from "../../core/stream/stream-reach.ts";
import type { AttemptPort } from "../../orchestrator/attempt/attempt-port.ts";
import type { RunStreamsInput } from "../../orchestrator/attempt/job-context-input.ts";
import { fingerprintJob } from "../../orchestrator/attempt/job-registry.ts";
import { BreakerBoard } from "../../orchestrator/upkeep/breaker-board.ts";
import type { Json } from "../../store/rows/run-records.ts";
import { createEmbeddedLog } from "../../stream/embedded/embedded-log.ts";
import { createProducer, type ProduceMemory } from "../../stream/produce/create-producer.ts";
import { TopicBook } from "../../stream/produce/topic-book.ts";

export interface JobStreamsParts {
  readonly clock: Clock;
  /** Shared by all runs of the process. Default: the log in the store, reached through the lease of the run. */
  readonly log?: StreamLog | undefined;
  /** Absolute, or the address of a bucket. */
  readonly folders: { readonly stores: string; readonly payloads: string };
}

/** Of one attempt. */
export function createJobStreams(parts: JobStreamsParts, input: RunStreamsInput): ReachingStreams {
  const { clock, folders } = parts;
  const { run, job, lease, signal, log: logger, progress, yieldPoint } = input;
  const log = openLog(parts, lease);
  const now = (): number => clock.now();
  const payloads = openPayloads(parts, lease);
  return {
    payloads,
    produce: isQuiet(input)
      ? countOnly(logger)
      : createProducer({
          log,
          topics: new TopicBook(log),
          payloads,
          producer: `run ${run.runId}`,
          now,
          memory: rememberCalls(lease),
        }),
    reach: {
      log,
      port: lease,
      clock,
      random: Math.random,
      run: { id: run.runId, job: job.name, epoch: run.epoch, attempt: run.attempt },
      code: fingerprintJob(job),
      folders,
      payloads,
      leftOut: leftOutOf(run),
      signal,
      isAskedToLeave: () => yieldPoint.isPauseRequested,
      leave: () => yieldPoint.safePlace(),
      logger,
      connections: watchConnections(clock, lease, job.connections, (error) => logger.warn(error.message)),
      progress,
    },
  };
}

/** Whether the run replays and is to leave nothing but its datasets. */
function isQuiet({ run }: RunStreamsInput): boolean {
  return replayOf(run.params)?.withEffects === false;
}

/** Nothing is appended while records are replayed; how many would have been is said once. */
function countOnly(logger: RunStreamsInput["log"]): JobStreams["produce"] {
  let isSaid = false;
  return async ({ name }, values) => {
    if (!isSaid) logger.warn("records are replayed, and what is produced is counted and dropped", { topic: name });
    isSaid = true;
    return { records: values.length, ranges: [] };
  };
}

const leftOut = new WeakMap<object, LeftOutRecords>();

/** One for all that reads the batch of an attempt. */
export function leftOutOf(run: RunStreamsInput["run"]): LeftOutRecords {
  const known = leftOut.get(run) ?? createLeftOut();
  leftOut.set(run, known);
  return known;
}

/** Where a project keeps what streams need beside the store. */
export function streamFolders(
  { root, home }: { readonly root: string; readonly home: string },
  payloads: string | undefined,
): JobStreamsParts["folders"] {
  const place = payloads === undefined || isDataAddress(payloads) ? payloads : resolve(root, payloads);
  return { stores: join(home, "stores"), payloads: place ?? join(home, "payloads") };
}

/** The payload store of a project. @throws MillraceError `CONNECTION_UNKNOWN` for a bucket without a connection */
export function openProjectPayloads({ stores, payloads }: JobStreamsParts["folders"]): PayloadStore {
  return openPayloadStore(payloads, dirname(stores));
}

/** Large values of a project. A place that cannot be opened is told to whoever needs it. */
export function openPayloads(
  { clock, folders }: Pick<JobStreamsParts, "clock" | "folders">,
  ledger: PayloadLedger,
): StreamPayloads {
  let opened: Payloads | undefined;
  const payloads = (): Payloads => (opened ??= new Payloads({ store: openProjectPayloads(folders), ledger, clock }));
  return {
    put: async (...input) => await payloads().put(...input),
    open: (...input) => payloads().open(...input),
    checkIn: async (...input) => await payloads().checkIn(...input),
    valueOf: async (...input) => await payloads().valueOf(...input),
  };
}

/** The log of the project: the shared one, or that of the store, reached through the lease of a run. */
export function openLog({ clock, log }: Pick<JobStreamsParts, "clock" | "log">, lease: AttemptPort): StreamLog {
  return log ?? createEmbeddedLog({ blocks: lease, clock });
}

function rememberCalls(lease: AttemptPort): ProduceMemory {
  const stepOf = (call: string): string => `produce ${call}`;
  return {
    // What `save` wrote comes back as it was.
    load: async (call) => (await lease.loadStep(stepOf(call)))?.value as ProduceResult | undefined,
    save: async (call, result) => await lease.saveStep(stepOf(call), result as unknown as Json),
  };
}

/** The breakers of a job's connections for a run that goes on after its failures. */
function watchConnections(
  clock: Clock,
  lease: AttemptPort,
  connections: readonly string[],
  onError: (error: MillraceError) => void,
): ConnectionWatch {
  if (connections.length === 0) return { restMs: () => 0, report: async () => 0 };
  const board = new BreakerBoard({ store: lease, clock, onError });
  let restUntilMs = 0;
  return {
    restMs: () => (restUntilMs === 0 ? 0 : Math.max(0, restUntilMs - clock.now())),
    async report(error) {
      const weather = await board.report(connections, error);
      const pauseMs = weather.isBreakerOpen ? await findPause(lease, connections).catch(tell) : 0;
      restUntilMs = pauseMs === 0 ? 0 : clock.now() + pauseMs;
      return pauseMs;
    },
  };

  function tell(thrown: unknown): number {
    onError(classifyError(thrown));
    return 0;
  }
}

/** Until the last of the open breakers lets a probe through. */
async function findPause(lease: AttemptPort, connections: readonly string[]): Promise<number> {
  const nowMs = await lease.readClockMs();
  let pauseMs = 0;
  for (const name of connections) {
    const breaker = await lease.findBreaker(name);
    if (breaker === undefined || phaseOf(breaker, nowMs) !== "open") continue;
    pauseMs = Math.max(pauseMs, (breaker.probeAtMs ?? nowMs) - nowMs);
  }
  return pauseMs;
}
