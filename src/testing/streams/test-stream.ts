// Jobs of streams in a unit test: topics in a store of the test's own, runs that work beside it, and a clock that it moves.
import { type Duration, parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import type { StoreDefinition } from "../../core/stream/store.ts";
import type { Topic } from "../../core/stream/topic.ts";
import { createProducer } from "../../stream/produce/create-producer.ts";
import { TopicBook } from "../../stream/produce/topic-book.ts";
import { publishGiven } from "../given-datasets.ts";
import { createTestClock, type TestClock } from "../test-clock.ts";
import type { GivenRows, TestProjectOptions } from "../test-options.ts";
import type { TestLogLine, TestRow } from "../test-run.ts";
import { readLogs } from "../read-test-run.ts";
import type { TestWorker } from "../test-worker.ts";
import { openTestWorld } from "../test-world.ts";
import { within } from "../within-run.ts";
import { readDeadLetters, readRecords, readStore, type TestDeadLetter, type TestRecord } from "./read-streams.ts";
import { createStreamClock } from "./stream-clock.ts";
import { StreamWork } from "./stream-work.ts";

/** The world that the jobs find. */
export interface TestStreamOptions extends Omit<TestProjectOptions, "jobs"> {
  /** Settings by the name of the job, as `config` of millrace.config.ts. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Datasets that batches read, published before anything else. */
  readonly inputs?: Readonly<Record<string, GivenRows>>;
}

/**
 * Jobs at work, with all that they produce. Disposing it ends them and removes what they left. What moves the jobs on throws what a
 * run of theirs ended with, and `WAIT_TIMED_OUT` when one stands still.
 */
export interface TestStream extends AsyncDisposable {
  /** Where the clock stands. */
  readonly now: Date;
  /** Appends values, as `ctx.produce` does, and resolves when the jobs have done all that comes of it. @throws MillraceError `RECORD_INVALID` */
  produce<Input>(
    topic: Topic<string, unknown, Input>,
    values: readonly Input[],
    options?: { readonly headers?: Readonly<Record<string, string>> },
  ): Promise<void>;
  /** Moves the clock forward, for what expires and for batches by age, and resolves when the jobs have done all that comes of it. */
  advance(by: Duration): Promise<void>;
  /** All records of a topic, partition by partition: those of a key are in their order. */
  read<Value>(topic: Topic<string, Value>): Promise<readonly TestRecord<Value>[]>;
  /** Their values. */
  values<Value>(topic: Topic<string, Value>): Promise<readonly Value[]>;
  /** What a local store holds, by key. */
  store<Value>(store: StoreDefinition<string, Value>): Promise<ReadonlyMap<string, Value>>;
  /** Records that were given up, oldest first. */
  deadLetters(): Promise<readonly TestDeadLetter[]>;
  /** What the jobs logged. */
  logs(): Promise<readonly TestLogLine[]>;
  /** All rows of one `select` over the datasets that are named, such as what batches have published. */
  query(sql: string, inputs?: readonly string[]): Promise<readonly TestRow[]>;
}

/**
 * Starts jobs made by `streamJob` and `joinJob`, in the process of the test, with the engine that they have in production, over
 * topics that are empty: `await using stream = await testStream(thank)`. What one job produces another one of the test may read.
 * @throws MillraceError `VALUE_INVALID` for a job of another kind
 */
export async function testStream(jobs: Job | readonly Job[], options: TestStreamOptions = {}): Promise<TestStream> {
  const list = "name" in jobs ? [jobs] : jobs;
  for (const job of list) assertOfStream(job);
  const clock = createStreamClock(createTestClock(options.now));
  const { worker, close } = await openTestWorld(options, clock);
  const { config = {}, inputs = {} } = options;
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(close);
  for (const [dataset, rows] of Object.entries(inputs)) await within(worker, (ctx) => publishGiven(ctx, dataset, rows));
  const work = cleanup.use(new StreamWork({ worker, jobs: list, config }));
  await work.start();
  const owned = cleanup.move();
  return createDriver({ worker, clock, work, jobs: list, close: () => owned.disposeAsync() });
}

interface DriverParts {
  readonly worker: TestWorker;
  readonly clock: TestClock;
  readonly work: StreamWork;
  readonly jobs: readonly Job[];
  readonly close: () => Promise<void>;
}

function createDriver({ worker, clock, work, jobs, close }: DriverParts): TestStream {
  const { log, payloads } = worker;
  const append = createProducer({
    log,
    payloads,
    topics: new TopicBook(log),
    producer: "test",
    now: () => clock.now(),
    memory: { load: async () => undefined, save: async () => undefined },
  });
  return {
    get now() {
      return new Date(clock.now());
    },
    async produce(topic, values, produceOptions) {
      await append(topic, values, produceOptions);
      await work.settle();
    },
    async advance(by) {
      clock.skipTo(clock.now() + parseDuration(by));
      await work.settle();
    },
    read: (topic) => readRecords(worker, topic),
    values: async (topic) => (await readRecords(worker, topic)).map(({ value }) => value),
    store: (store) => readStore(worker, store),
    deadLetters: () => readDeadLetters(worker),
    logs: async () => {
      const own = new Set(jobs.map(({ name }) => name));
      const runs = (await worker.store.listRuns({ limit: mostRuns })).toReversed();
      const lines = runs.filter(({ job }) => own.has(job)).map((run) => readLogs(worker.store, run));
      return (await Promise.all(lines)).flat();
    },
    query: (sql, datasets = []) => within(worker, (ctx) => ctx.sql(sql, datasets)),
    [Symbol.asyncDispose]: close,
  };
}

const mostRuns = 10_000;

function assertOfStream({ name, stream }: Job): void {
  if (stream !== undefined) return;
  throw new MillraceError("VALUE_INVALID", `expected a job of \`streamJob\` or \`joinJob\`, got: \`${name}\``, {
    hint: "use `testJob` for other jobs",
  });
}
