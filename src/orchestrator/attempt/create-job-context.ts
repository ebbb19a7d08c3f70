// Builds what a job may touch. Every durable write carries the run's fence; a lost lease aborts the handler.
import type { z } from "zod";
import type { ExchangeObserver } from "../../core/connection/exchange.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertCapable, toCapabilities } from "../../core/job/capabilities.ts";
import { isFullRefresh } from "../../core/job/full-refresh.ts";
import { sampleRowsOf } from "../../core/job/sample.ts";
import { effectsOff, replayOf } from "../../core/stream/replay-param.ts";
import type {
  JobCheckpoint,
  JobContext,
  JobData,
  JobLogger,
  JobUnits,
  ProgressUpdate,
  PublishResult,
  RunInfo,
} from "../../core/job/job-context.ts";
import { type JobReference, toJobName } from "../../core/job/job-reference.ts";
import type { JsonOf } from "../../core/job/json-of.ts";
import type { JobStreams } from "../../core/stream/job-streams.ts";
import type { Json, LogLevel } from "../../store/rows/run-records.ts";
import { assertFunction } from "./assert-argument.ts";
import type { AttemptPort } from "./attempt-port.ts";
import { createUnits } from "./attempt-units.ts";
import { AttemptWatermarks } from "./attempt-watermarks.ts";
import { createBreathingPort } from "./breathing-port.ts";
import { createDurableWaits } from "./durable-waits.ts";
import type { CreateJobContextInput } from "./job-context-input.ts";
import { createEach } from "./run-loops.ts";
import { createSpawn } from "./spawn-run.ts";
import { assertStepName } from "./step-names.ts";
import { toPayload } from "./to-json.ts";

const noCapabilities = { spark: false, catalogue: false, objectStore: false, kafka: false } as const;

/** The context of one attempt. @throws MillraceError `CAPABILITY_MISSING` before the job has done anything */
export function createJobContext(input: CreateJobContextInput): JobContext {
  assertCapable(input.job, input.services.capabilities ?? noCapabilities);
  return new AttemptContext({ ...input, lease: createBreathingPort(input.lease, input) }, input.lease);
}

// Most handlers use little of it, so each member is made when it is first asked for. They are functions of their own, not
// methods: handlers may take them out of the context.
class AttemptContext implements JobContext {
  readonly config: unknown;
  readonly params: unknown;
  readonly #input: CreateJobContextInput;
  #run: RunInfo | undefined;
  #log: JobLogger | undefined;
  #checkpoint: JobCheckpoint | undefined;
  #watermarks: AttemptWatermarks | undefined;
  #units: JobUnits | undefined;
  #each: JobContext["each"] | undefined;
  #step: JobContext["step"] | undefined;
  #waits: Pick<JobContext, "sleep" | "waitFor"> | undefined;
  #spawn: JobContext["spawn"] | undefined;
  #data: JobData | undefined;
  #streams: JobStreams | undefined;

  readonly #bareLease: AttemptPort;

  constructor(input: CreateJobContextInput, bareLease: AttemptPort) {
    this.#input = input;
    this.#bareLease = bareLease;
    this.config = input.config;
    this.params = input.params;
  }

  get window(): JobContext["window"] {
    return this.#input.run.window;
  }

  get run(): RunInfo {
    return (this.#run ??= toRunInfo(this.#input));
  }

  get capabilities(): JobContext["capabilities"] {
    const { job, services } = this.#input;
    return toCapabilities(job.needs, services.capabilities ?? noCapabilities);
  }

  get signal(): AbortSignal {
    return this.#input.signal;
  }

  get log(): JobLogger {
    return (this.#log ??= createLogger(this.#input));
  }

  get progress(): JobContext["progress"] {
    const { recorder } = this.#input;
    return (update) => recorder.progress(update);
  }

  get metric(): JobContext["metric"] {
    return this.#input.recordMetric;
  }

  get checkpoint(): JobCheckpoint {
    return (this.#checkpoint ??= createCheckpoint(this.#input, this.log));
  }

  get watermark(): JobContext["watermark"] {
    return this.#moves.of;
  }

  get #moves(): AttemptWatermarks {
    return (this.#watermarks ??= new AttemptWatermarks(this.#input));
  }

  get units(): JobUnits {
    return (this.#units ??= createUnits(this.#input));
  }

  get each(): JobContext["each"] {
    return (this.#each ??= createEach(this.#input));
  }

  get step(): JobContext["step"] {
    return (this.#step ??= createStep(this.#input));
  }

  get sleep(): JobContext["sleep"] {
    return (this.#waits ??= createDurableWaits(this.#input)).sleep;
  }

  get waitFor(): JobContext["waitFor"] {
    return (this.#waits ??= createDurableWaits(this.#input)).waitFor;
  }

  get spawn(): JobContext["spawn"] {
    return (this.#spawn ??= createSpawn(this.#input));
  }

  get secret(): JobContext["secret"] {
    const { services, job } = this.#input;
    return async (value) => {
      if (services.revealSecrets !== undefined) return await services.revealSecrets(value, `job \`${job.name}\``);
      throw new MillraceError("SECRET_MISSING", `no secrets are lent to job \`${job.name}\``);
    };
  }

  get upstream(): JobContext["upstream"] {
    // What the upstream job returned was stored as JSON and comes back as such.
    return (job: string | JobReference) => loadUpstreamResult(this.#input, toJobName(job)) as Promise<never>;
  }

  get data(): JobData {
    return (this.#data ??= createData({ ...this.#input, lease: this.#bareLease }, this.log, (publish) =>
      this.#moves.whilePublishing(publish),
    ));
  }

  get sql(): JobContext["sql"] {
    return (...query) => this.data.query(...query);
  }

  get replay(): boolean {
    return this.run.replay !== undefined;
  }

  get connection(): JobContext["connection"] {
    const { services, lease, signal, over, job } = this.#input;
    // Of a job of records each handler's own context refuses: lookups only read.
    if (job.stream?.kind === "batches" && this.run.replay?.withEffects === false) return refuseEffects;
    const observer = createObserver(this.#input);
    return (name) =>
      services.connect?.(name, lease, { signal: AbortSignal.any([signal, over()]), observer }) ??
      refuseConnection(name);
  }

  get streams(): JobStreams {
    return (this.#streams ??= createStreams({ ...this.#input, lease: this.#bareLease }, this.log));
  }

  get produce(): JobContext["produce"] {
    return this.streams.produce;
  }

  get path(): JobContext["path"] {
    const { services } = this.#input;
    return (relative) => services.resolvePath(relative);
  }
}

function createObserver({ recorder, now }: CreateJobContextInput): ExchangeObserver {
  return { now, note: (exchange) => recorder.exchange(exchange) };
}

function refuseEffects(name: string): never {
  throw effectsOff(name);
}

function refuseConnection(name: string): never {
  throw new MillraceError("CONNECTION_UNKNOWN", `no connection is declared, got: \`${name}\``, {
    hint: "declare it under `connections` of millrace.config.ts",
  });
}

function createStreams(input: CreateJobContextInput, log: JobLogger): JobStreams {
  const { run, job, lease, signal, recorder, services, yieldPoint } = input;
  const progress = (update: ProgressUpdate): void => recorder.progress(update);
  const streams = services.createStreams?.({ run, job, lease, signal, log, progress, yieldPoint });
  if (streams !== undefined) return streams;
  throw new MillraceError("CAPABILITY_MISSING", `no log of topics is lent to job \`${job.name}\``);
}

function createData(
  input: CreateJobContextInput,
  log: JobLogger,
  publishing: (publish: () => Promise<PublishResult>) => Promise<PublishResult>,
): JobData {
  const { run, job, lease, signal, recorder, services, yieldPoint } = input;
  const progress = (update: ProgressUpdate): void => recorder.progress(update);
  const { inputs, topicInputs, stream, purpose } = job;
  const observer = createObserver(input);
  const data = services.createData({
    run,
    inputs,
    topicInputs,
    stream,
    purpose,
    lease,
    signal,
    log,
    progress,
    observer,
  });
  const whenOpen = async <T>(use: () => Promise<T>): Promise<T> => {
    yieldPoint.assertOpen();
    return await use();
  };
  return {
    publish: (request) => whenOpen(() => publishing(() => data.publish(request))),
    dataset: (name) => whenOpen(() => data.dataset(name)),
    credentials: (name) => whenOpen(() => data.credentials(name)),
    query: (...query) => whenOpen(() => data.query(...query)),
    topic: (topic) => whenOpen(() => data.topic(topic)),
    hasPublished: (output, earlier) => whenOpen(() => data.hasPublished(output, earlier)),
    mapReduce: (request) => whenOpen(() => data.mapReduce(request)),
    rekey: (request) => whenOpen(() => data.rekey(request)),
    vacuum: (name, options) => whenOpen(() => data.vacuum(name, options)),
    optimize: (name, options) => whenOpen(() => data.optimize(name, options)),
    quarantine: {
      release: (chosen) => whenOpen(() => data.quarantine.release(chosen)),
      remove: (chosen) => whenOpen(() => data.quarantine.remove(chosen)),
    },
  };
}

function createStep({ lease, signal, yieldPoint }: CreateJobContextInput): JobContext["step"] {
  const running = new Set<string>();
  return async <T>(name: string, work: () => Promise<T> | T): Promise<JsonOf<T>> => {
    yieldPoint.assertOpen();
    assertStepName(name);
    assertFunction("work of ctx.step", work);
    if (running.has(name)) throw new MillraceError("VALUE_INVALID", `step runs already in this attempt: \`${name}\``);
    running.add(name);
    try {
      const known = await lease.loadStep(name);
      // What a step returned was stored as JSON and comes back as such.
      if (known !== undefined) return known.value as JsonOf<T>;
      signal.throwIfAborted();
      yieldPoint.safePlace();
      // What comes back is what every later attempt will get, so that none is surprised by a date that has become a text.
      const value = toPayload(`result of step \`${name}\``, await work());
      await lease.saveStep(name, value);
      return value as JsonOf<T>;
    } finally {
      running.delete(name);
    }
  };
}

function toRunInfo({ run, services }: CreateJobContextInput): RunInfo {
  const { job, attempt, tenant, createdBy } = run;
  const sampleRows = sampleRowsOf(run.params);
  const replay = replayOf(run.params);
  const { environment, serviceProvider, hasSpark } = services;
  return {
    id: run.runId,
    job,
    attempt,
    tenant,
    createdBy,
    environment,
    serviceProvider,
    hasSpark,
    isFullRefresh: isFullRefresh(run.params),
    ...(sampleRows === undefined ? {} : { sampleRows }),
    ...(replay === undefined ? {} : { replay }),
  };
}

function createLogger({ recorder }: CreateJobContextInput): JobLogger {
  const logAt =
    (level: LogLevel) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      recorder.log(level, message, fields);
  return { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
}

function createCheckpoint({ lease, yieldPoint }: CreateJobContextInput, log: JobLogger): JobCheckpoint {
  return {
    load: async <T>(schema: z.ZodType<T>): Promise<T | undefined> => {
      yieldPoint.assertOpen();
      for (const { version, data } of await lease.loadCheckpoints()) {
        if (data !== undefined) return parseCheckpoint(schema, version, data);
        log.warn(`checkpoint version ${version} is corrupt; the version before it is used`);
        await lease.appendEvents([{ type: "checkpoint_corrupt", data: { version } }]);
      }
      return undefined;
    },
    save: async (data) => {
      yieldPoint.assertOpen();
      await lease.saveCheckpoint(toPayload("checkpoint", data));
      yieldPoint.safePlace();
    },
  };
}

function parseCheckpoint<T>(schema: z.ZodType<T>, version: number, data: Json): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? "" : ` at \`${issue.path.join(".")}\`: ${issue.message}`;
  throw new MillraceError("CHECKPOINT_INVALID", `checkpoint version ${version} does not fit its schema${where}`, {
    hint: "the job's code changed between attempts; accept both shapes in the schema, or start a new run",
  });
}

async function loadUpstreamResult({ lease, run, yieldPoint }: CreateJobContextInput, job: string): Promise<unknown> {
  yieldPoint.assertOpen();
  const upstream = await lease.findUpstream(job);
  if (upstream === undefined) {
    throw new MillraceError("JOB_UNKNOWN", `job \`${run.job}\` has no upstream job \`${job}\` in this run`, {
      hint: "name it in `dependsOn` of the pipeline",
      details: { upstream: job },
    });
  }
  const { state, reason, result } = upstream;
  if (state === "FINISHED" && reason !== "skipped") return result;
  const message = `upstream job \`${job}\` of job \`${run.job}\` has no result, its run is: \`${state}\`${reason === undefined ? "" : ` (${reason})`}`;
  throw new MillraceError("UPSTREAM_UNFINISHED", message, {
    hint: 'a job with `onUpstreamFailure: "continue"` runs without it: catch this error where the job can do without',
  });
}
