// Schemas of the groups that work through topics, and of the records that they could not handle.
import { z } from "zod";
import type { Loose, SchemasOf } from "../../route-schemas.ts";
import type { BatchView } from "../../streams/batch.ts";
import type { DeadLetterDetail, DeadLetterView } from "../../streams/dead-letter.ts";
import type { GroupDetail, GroupView } from "../../streams/group.ts";
import {
  instantField,
  integerField,
  jsonField,
  listOf,
  pageOf,
  pageQueryFields,
  reasonField,
  runIdField,
} from "../fields.ts";
import { bytesView, headersView, topicField } from "./topics.ts";

/** The name of a group: that of its job, or of a replay of it. */
const groupField = z.string().min(1).max(300);

const groupFields = {
  group: z.string(),
  job_name: z.string(),
  topics: z.array(z.string()),
  members: z.int().describe("runs that hold partitions or wait for some"),
  generation: z.int().describe("grows when members or topics change"),
  lag: z.int().describe("records that it has yet to commit"),
  lag_ms: z.int().nullable().describe("age of the oldest record that it has yet to commit"),
  rate: z.number().nullable().describe("records committed a second; null until the server has looked twice"),
  parked: z.int().describe("records that wait for their next try"),
  dead_letters: z.int(),
};

const groupView: z.ZodType<Loose<GroupView>> = z.object(groupFields).meta({ id: "Group" });

const groupDetail: z.ZodType<Loose<GroupDetail>> = z
  .object({
    ...groupFields,
    runs: z.array(z.object({ run_id: runIdField, joined_at: instantField, partitions: z.array(z.int()) })),
    partitions: z.array(
      z.object({
        topic: z.string(),
        partition: z.int(),
        offset: z.int().describe("the next record that it commits"),
        start: z.int().nullable().describe("null for a topic that is gone"),
        end: z.int().nullable(),
        lag: z.int(),
        lag_ms: z.int().nullable(),
        epoch: z.int().describe("grows with each holder"),
        run_id: runIdField.nullable().describe("null: nobody holds it now"),
        committed_at: instantField.nullable(),
      }),
    ),
    joins: z.array(
      z.object({
        state: z.enum(["open", "failed", "emitted"]),
        keys: z.int(),
        bytes: z.int(),
        next_due_at: instantField.describe("when the first of them expires, is tried again, or is forgotten"),
        oldest_at: instantField.describe("when the first input of the oldest happened"),
      }),
    ),
  })
  .meta({ id: "GroupDetail" });

const batch: z.ZodType<Loose<BatchView>> = z
  .object({
    group: z.string(),
    number: z.int().describe("from 1"),
    job_name: z.string(),
    state: z.enum(["open", "done", "given_up"]).describe("`open`: its run has it, or has failed with it"),
    stuck: z.boolean().describe("open, and nobody works on it: retry its run, or give it up"),
    because: z.enum(["records", "bytes", "age", "cron"]).describe("why it was made when it was"),
    run_id: runIdField,
    records: z.int(),
    bytes: z.int(),
    ranges: z.array(z.object({ topic: z.string(), partition: z.int(), from: z.int(), to: z.int() })),
    first_at: instantField.describe("when the first of its records came"),
    opened_at: instantField,
    ended_at: instantField.nullable(),
    ended_by: z.string().nullable().describe("who gave it up"),
  })
  .meta({ id: "Batch" });

const deadLetterStates = z.enum(["open", "retried", "discarded"]);

const letterFields = {
  id: z.int(),
  group: z.string(),
  job_name: z.string(),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  state: deadLetterStates,
  attempts: z.int(),
  error: z.object({ code: z.string(), message: z.string() }),
  run_id: runIdField,
  at: instantField,
};

const letter: z.ZodType<Loose<DeadLetterView>> = z.object(letterFields).meta({ id: "DeadLetter" });

const letterDetail: z.ZodType<Loose<DeadLetterDetail>> = z
  .object({
    ...letterFields,
    key: bytesView,
    value: bytesView,
    headers: headersView,
    record_at: instantField.describe("time of the record"),
    code: z.string().describe("fingerprint of the code that failed"),
  })
  .meta({ id: "DeadLetterDetail" });

const groupParams = z.strictObject({ group: groupField });

const chooseFields = {
  ids: z.exactOptional(z.array(z.int().min(1)).min(1).max(1_000)),
  group: z.exactOptional(groupField),
  topic: z.exactOptional(topicField),
  preview: z.exactOptional(z.boolean()),
  reason: z.exactOptional(reasonField),
};

const resolved = z.object({ count: z.int(), changed: z.boolean() });

export const groupSchemas: SchemasOf<
  | "listGroups"
  | "showGroup"
  | "seekGroup"
  | "listBatches"
  | "giveUpBatch"
  | "listDeadLetters"
  | "showDeadLetter"
  | "retryDeadLetters"
  | "discardDeadLetters"
> = {
  listGroups: { response: listOf(groupView) },
  showGroup: { params: groupParams, response: groupDetail },
  seekGroup: {
    params: groupParams,
    body: z.strictObject({
      to: z.exactOptional(z.enum(["start", "end"])),
      at: z.exactOptional(instantField),
      offset: z.exactOptional(z.int().min(0)),
      topic: z.exactOptional(topicField),
      partition: z.exactOptional(z.int().min(0)),
      preview: z.exactOptional(z.boolean()),
      reason: z.exactOptional(reasonField),
    }),
    response: z.object({
      group: z.string(),
      moves: z.array(z.object({ topic: z.string(), partition: z.int(), from: z.int(), to: z.int() })),
      again: z.int().describe("records that are handled again"),
      skipped: z.int().describe("records that are passed over"),
      changed: z.boolean(),
    }),
  },
  listBatches: { params: groupParams, query: z.strictObject(pageQueryFields), response: pageOf(batch) },
  giveUpBatch: {
    params: z.strictObject({ group: groupField, batch: integerField(1, Number.MAX_SAFE_INTEGER) }),
    body: z.strictObject({ reason: z.exactOptional(reasonField) }),
    response: batch,
  },
  listDeadLetters: {
    query: z.strictObject({
      ...pageQueryFields,
      group: z.exactOptional(groupField),
      topic: z.exactOptional(topicField),
      state: z.exactOptional(deadLetterStates),
    }),
    response: z.object({ items: z.array(letter), next_cursor: z.string().nullable(), open: z.int() }),
  },
  showDeadLetter: {
    params: z.strictObject({ dead_letter_id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
    response: letterDetail,
  },
  retryDeadLetters: {
    body: z.strictObject({ ...chooseFields, value: z.exactOptional(jsonField) }),
    response: resolved,
  },
  discardDeadLetters: { body: z.strictObject(chooseFields), response: resolved },
};
