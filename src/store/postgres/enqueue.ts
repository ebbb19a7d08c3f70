// Work that comes in with a transaction of the caller: it is there if and only if what the caller wrote is.
import { MillraceError } from "../../core/errors/errors.ts";
import type { RecordBlock } from "../../core/stream/stream-ledger.ts";
import type { AppendedRange, TopicDeclaration } from "../../core/stream/stream-log.ts";
import { prepareSubmission } from "../submit/prepare-submission.ts";
import type { Submission, SubmitResult } from "../rows/run-records.ts";
import type { Script } from "../rows/script.ts";
import { appendBlocks } from "../streams/append-blocks.ts";
import { declareTopic, findTopic, isAsDeclared } from "../streams/topics.ts";
import { submit } from "../submit/submit.ts";
import type { Outcome, Param, Session, Statement } from "./database.ts";
import { channelOf } from "./notifier.ts";
import { runScript } from "./run-script.ts";
import { assertSchemaName, defaultSchema } from "./session.ts";
import { toStoreError } from "./store-error.ts";
import { parseWideNumbers } from "./wide-numbers.ts";

/** What a client of the `pg` driver can do; a client of a pool fits, too. */
export interface PostgresClient {
  query(config: {
    text: string;
    values: unknown[];
    types: object;
  }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/**
 * Submits on the caller's own connection, inside the transaction that the caller began and will commit: runs and the
 * caller's rows come into being together or not at all, and workers hear of it at the commit. The database must be one that
 * a store was opened on. The connection's settings are as before when this resolves; when it throws, the transaction has
 * failed and must be rolled back.
 * @throws MillraceError `VALUE_INVALID` | `PARAMS_INVALID` | `PIPELINE_CYCLE` before anything was written, or `STORE_UNAVAILABLE`
 */
export async function enqueue(
  client: PostgresClient,
  submission: Submission,
  schema: string = defaultSchema,
): Promise<SubmitResult> {
  assertSchemaName(schema);
  const prepared = prepareSubmission(submission);
  const [result] = await within(client, schema, (nowMs) => submit([prepared], nowMs));
  if (result === undefined) throw new RangeError("no result for the submission");
  return result;
}

/**
 * Appends to the embedded log under the same conditions; the topic is made where it is not there.
 * @param toBlocks what to append to a topic of so many partitions
 * @throws MillraceError `VALUE_INVALID` | `TOPIC_MISMATCH` | `STORE_UNAVAILABLE`
 */
export async function enqueueBlocks(
  client: PostgresClient,
  topic: TopicDeclaration,
  toBlocks: (partitions: number) => readonly RecordBlock[],
  schema: string = defaultSchema,
): Promise<readonly AppendedRange[]> {
  assertSchemaName(schema);
  return await within(client, schema, (nowMs) => append(topic, toBlocks, nowMs));
}

function* append(
  declaration: TopicDeclaration,
  toBlocks: (partitions: number) => readonly RecordBlock[],
  nowMs: number,
): Script<readonly AppendedRange[]> {
  const found = yield* findTopic(declaration.name);
  // Declaring holds the topic until the caller's transaction ends, so it is done where there is something to change.
  const topic = isAsDeclared(found, declaration) ? found : yield* declareTopic(declaration, nowMs);
  const [ranges = []] = yield* appendBlocks([{ topicId: topic.id, blocks: toBlocks(topic.partitions) }], nowMs);
  return ranges;
}

async function within<Result>(
  client: PostgresClient,
  schema: string,
  toScript: (nowMs: number) => Script<Result>,
): Promise<Result> {
  const session = new CallersSession(client, schema);
  try {
    const { path, nowMs } = await session.enter();
    const result = await runScript(session, toScript(nowMs));
    await session.leave(path);
    return result;
  } catch (thrown) {
    throw toStoreError(thrown, "the caller's connection");
  }
}

// Inside a transaction that was begun before, `now()` is the time of its beginning. The name stands in the text, which is then one
// message without parameters: with parameters, outside of a transaction, `now()` is the time of the first of several messages.
function enterText(schema: string): string {
  return `select current_setting('search_path') as path, now() <> statement_timestamp() as "inTransaction",
    set_config('search_path', '${schema}', true) as now_in, (extract(epoch from clock_timestamp()) * 1000)::bigint as "nowMs"`;
}

// Postgres delivers a word that is sent inside a transaction when that commits.
const leaveText = `select set_config('search_path', $1, true), pg_notify($2, 'enqueue ready')`;

/** Statements are not prepared by name: the connection, and the names on it, are the caller's. */
class CallersSession implements Session {
  readonly #client: PostgresClient;
  readonly #schema: string;

  constructor(client: PostgresClient, schema: string) {
    this.#client = client;
    this.#schema = schema;
  }

  async enter(): Promise<{ path: string; nowMs: number }> {
    const { rows } = await this.query<{ path: string; inTransaction: boolean; nowMs: number }>(
      { name: "", text: enterText(this.#schema) },
      [],
    );
    const [row] = rows;
    if (row === undefined) throw new RangeError("the connection says nothing of itself");
    if (!row.inTransaction) {
      throw new MillraceError("VALUE_INVALID", "expected a connection inside a transaction", {
        hint: "send `begin` on the client before `enqueue`, and `commit` after it",
      });
    }
    return row;
  }

  async leave(path: string): Promise<void> {
    await this.query({ name: "", text: leaveText }, [path, channelOf(this.#schema)]);
  }

  async query<Row>({ text }: Statement, params: readonly Param[]): Promise<Outcome<Row>> {
    const { rows, rowCount } = await this.#client.query({ text, values: [...params], types: parseWideNumbers });
    return { rows: rows as Row[], changes: rowCount ?? 0 };
  }
}
