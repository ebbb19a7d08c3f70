// Schemas of topics and their records.
import { z } from "zod";
import type { Loose, SchemasOf } from "../../route-schemas.ts";
import type { StoreCopyView } from "../../streams/store.ts";
import type {
  BytesView,
  OffsetRangeView,
  PeekedRecords,
  RecordView,
  TopicDetail,
  TopicGroupView,
  TopicView,
} from "../../streams/topic.ts";
import { cursorField, instantField, integerField, jsonField, limitField, listOf, reasonField } from "../fields.ts";

/** Of a topic; those of a Kafka cluster may have dots and dashes. */
export const topicField: z.ZodType<string> = z
  .string()
  .min(1)
  .max(249)
  .regex(/^[a-zA-Z0-9._-]+$/, "expected the name of a topic")
  .meta({ examples: ["orders"] });

/** The bytes of a key, a value or a header. */
export const bytesView: z.ZodType<Loose<BytesView>> = z
  .object({
    encoding: z.enum(["json", "text", "base64", "null"]),
    json: jsonField.describe("of `json` what it says; else null"),
    text: z.string().nullable().describe("of `text` and `base64`; else null"),
    bytes: z.int(),
    truncated: z.boolean().describe("`text` has the begin only"),
  })
  .meta({ id: "BytesView" });

/** Headers of a record. */
export const headersView: z.ZodType<Loose<RecordView["headers"]>> = z.array(
  z.object({ name: z.string(), value: bytesView }),
);

const topicGroup: z.ZodType<Loose<TopicGroupView>> = z.object({
  group: z.string(),
  job_name: z.string(),
  lag: z.int().describe("records that it has yet to commit"),
});

const topicFields = {
  topic: z.string(),
  topic_id: z.string(),
  log: z.enum(["embedded", "kafka"]),
  defined: z.boolean().describe("whether a definition of the project has it"),
  partitions: z.int(),
  records: z.int().describe("that can still be read"),
  bytes: z.int().nullable().describe("null where the log does not tell"),
  retention_ms: z.int().nullable(),
  rate_in: z.number().nullable().describe("records appended a second; null until the server has looked twice"),
  rate_out: z.number().nullable().describe("records committed a second by all of its groups"),
  groups: z.array(topicGroup),
};

const topicView: z.ZodType<Loose<TopicView>> = z.object(topicFields).meta({ id: "Topic" });

const topicDetail: z.ZodType<Loose<TopicDetail>> = z
  .object({
    ...topicFields,
    bounds: z.array(z.object({ partition: z.int(), start: z.int(), end: z.int(), bytes: z.int().nullable() })),
    produced_by: z.array(z.string()).describe("jobs that say that they produce into it"),
  })
  .meta({ id: "TopicDetail" });

const recordView: z.ZodType<Loose<RecordView>> = z
  .object({
    partition: z.int(),
    offset: z.int(),
    at: instantField,
    key: bytesView,
    value: bytesView,
    headers: headersView,
  })
  .meta({ id: "Record" });

const peeked: z.ZodType<Loose<PeekedRecords>> = z.object({
  items: z.array(recordView),
  next_cursor: z.string().describe("what comes after these, now or later"),
  looked_at: z.int(),
  complete: z.boolean().describe("whether there is nothing more now"),
});

const range: z.ZodType<Loose<OffsetRangeView>> = z.object({ partition: z.int(), from: z.int(), to: z.int() });

const storeCopy: z.ZodType<Loose<StoreCopyView>> = z
  .object({
    store: z.string(),
    topic: z.string(),
    run_id: z.string(),
    state: z.enum(["building", "serving", "failed", "closed"]),
    told_at: instantField,
    as_of: instantField.nullable().describe("everything that happened up to then is in it"),
    behind_ms: z.int().nullable().describe("how long ago it held all of its topic; null: it never has"),
    lag: z.int().describe("records that it has yet to apply"),
    bytes: z.int(),
    snapshot_at: instantField.nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: "StoreCopy" });

const topicParams = z.strictObject({ topic: topicField });

const keyField = z.string().max(2_000);

const newRecord = z.strictObject({
  value: jsonField,
  key: z.exactOptional(keyField),
  headers: z.exactOptional(z.record(z.string().min(1).max(200), z.string().max(10_000))),
  at: z.exactOptional(instantField),
});

export const topicSchemas: SchemasOf<
  "listTopics" | "showTopic" | "peekRecords" | "produceRecords" | "trimTopic" | "deleteTopic" | "listStores"
> = {
  listTopics: { response: listOf(topicView) },
  showTopic: { params: topicParams, response: topicDetail },
  peekRecords: {
    params: topicParams,
    query: z.strictObject({
      cursor: z.exactOptional(cursorField),
      partition: z.exactOptional(integerField(0, 999_999)),
      offset: z.exactOptional(integerField(0, Number.MAX_SAFE_INTEGER)),
      since: z.exactOptional(instantField),
      key: z.exactOptional(keyField),
      from: z.exactOptional(z.enum(["start", "end"])),
      limit: z.exactOptional(limitField),
    }),
    response: peeked,
  },
  produceRecords: {
    params: topicParams,
    body: z.strictObject({
      records: z.array(newRecord).min(1).max(1_000),
      idempotency_key: z.exactOptional(z.string().min(1).max(200)),
    }),
    response: z.object({ topic: z.string(), records: z.int(), ranges: z.array(range) }),
  },
  trimTopic: {
    params: topicParams,
    body: z.strictObject({
      partition: z.exactOptional(z.int().min(0)),
      before: z.exactOptional(z.int().min(0)),
      before_time: z.exactOptional(instantField),
      all: z.exactOptional(z.boolean()),
      unread: z.exactOptional(z.boolean()),
      preview: z.exactOptional(z.boolean()),
      reason: z.exactOptional(reasonField),
    }),
    response: z.object({
      topic: z.string(),
      ranges: z.array(range),
      records: z.int(),
      unread_by: z.array(topicGroup),
      changed: z.boolean(),
    }),
  },
  deleteTopic: { params: topicParams, response: z.null() },
  listStores: { response: listOf(storeCopy) },
};
