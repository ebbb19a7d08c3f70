// Records that come into being with a transaction of the caller: whoever reads the topic sees them if and only if it commits.
import { MillraceError } from "../core/errors/errors.ts";
import type { ProduceResult } from "../core/stream/job-streams.ts";
import type { NewRecord } from "../core/stream/stream-record.ts";
import type { Topic } from "../core/stream/topic.ts";
import type { PostgresClient } from "../store/postgres/enqueue.ts";
import { encodeHeaders, encodeValue } from "../stream/produce/encode-value.ts";
import { partitionRecords } from "../stream/records/partition-records.ts";
import { toBlocks } from "../stream/records/record-block.ts";
import { assertRecords } from "../stream/records/record-limits.ts";

export interface EnqueueRecordsOptions {
  /** Of each record. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Schema of the store, as `database.schema` in the project's configuration. Default `millrace`. */
  readonly schema?: string;
}

const maxRecordBytes = 16 * 1024 * 1024;

/**
 * Appends values to a topic of the embedded log on the caller's own connection, inside the transaction that the caller began: the
 * records and the caller's rows come into being together or not at all. All values are checked before the first is appended. The
 * partitions are held until the transaction ends, so that nothing that is appended later is read earlier: keep it short.
 * @param client a connected client of `pg`, of the database that `MILLRACE_DATABASE_URL` names
 * @throws MillraceError `VALUE_INVALID` outside a transaction, `RECORD_INVALID`, `STORE_UNAVAILABLE`, and `RECORD_TOO_LARGE` also for a
 * value above `claimCheck.above`, which belongs to a payload store that no transaction reaches
 */
export async function enqueueRecords<Input>(
  client: PostgresClient,
  topic: Topic<string, unknown, Input>,
  values: readonly NoInfer<Input>[],
  { headers, schema = "millrace" }: EnqueueRecordsOptions = {},
): Promise<ProduceResult> {
  const nowMs = Date.now();
  const encoded = { headers: encodeHeaders(headers), nowMs };
  const records = values.map((value) => encodeValue(topic as Topic, value, encoded));
  assertRecords(topic.name, [{ partition: 0, records }], maxRecordBytes);
  assertSmall(topic, records);
  if (records.length === 0) return { records: 0, ranges: [] };
  const { name, partitions, retentionMs } = topic;
  // The database client is loaded by those who use it.
  const { enqueueBlocks } = await import("../store/postgres/enqueue.ts");
  const toAppend = (count: number): ReturnType<typeof toBlocks> => toBlocks(partitionRecords(records, count, nowMs));
  const ranges = await enqueueBlocks(client, { name, partitions, retentionMs }, toAppend, schema);
  return { records: records.length, ranges };
}

function assertSmall(
  { name, claimCheckAboveBytes }: Pick<Topic, "name" | "claimCheckAboveBytes">,
  records: readonly NewRecord[],
): void {
  if (claimCheckAboveBytes === undefined) return;
  const large = records.findIndex(({ value }) => (value?.byteLength ?? 0) > claimCheckAboveBytes);
  if (large < 0) return;
  const bytes = records[large]?.value?.byteLength ?? 0;
  throw new MillraceError(
    "RECORD_TOO_LARGE",
    `expected value ${large} for topic \`${name}\` to have at most \`${claimCheckAboveBytes}\` bytes, got: \`${bytes}\``,
    { hint: "a value above `claimCheck.above` goes to the payload store: produce it with `ctx.produce` or by the API" },
  );
}
