// Topics, groups and dead letters of the fixture server.
import type { BatchView } from "../../../src/api/streams/batch.ts";
import type { DeadLetterDetail, DeadLetterView } from "../../../src/api/streams/dead-letter.ts";
import type { StoreCopyView } from "../../../src/api/streams/store.ts";
import type { GroupDetail, GroupView, SoughtGroup } from "../../../src/api/streams/group.ts";
import type { BytesView, PeekedRecords, RecordView, TopicDetail, TopicView } from "../../../src/api/streams/topic.ts";
import { minutesAgo } from "./web-fixture-time.ts";

const day = 86_400_000;

export const topics: readonly TopicView[] = [
  {
    topic: "images",
    topic_id: "0f9c2a1e-5f0c-4a53-9f2e-1f2f3f4f5f6f",
    log: "embedded",
    defined: true,
    partitions: 2,
    records: 812,
    bytes: 91_244,
    retention_ms: 7 * day,
    rate_in: 0.4,
    rate_out: 0.4,
    groups: [{ group: "create_product", job_name: "create_product", lag: 0 }],
  },
  {
    topic: "orders",
    topic_id: "6d0f5a10-2f7c-4b0e-8f53-0a4b7f9f2b11",
    log: "embedded",
    defined: true,
    partitions: 4,
    records: 1_204_332,
    bytes: 148_300_120,
    retention_ms: 30 * day,
    rate_in: 1_240.5,
    rate_out: 1_102,
    groups: [
      { group: "recommend", job_name: "recommend", lag: 5_210 },
      { group: "dashboard", job_name: "dashboard", lag: 48_112 },
    ],
  },
  {
    topic: "legacy_events",
    topic_id: "11111111-2222-4333-8444-555555555555",
    log: "embedded",
    defined: false,
    partitions: 1,
    records: 0,
    bytes: null,
    retention_ms: null,
    rate_in: null,
    rate_out: null,
    groups: [],
  },
];

export function topicOf(name: string | undefined): TopicDetail {
  const found = topics.find(({ topic }) => topic === name) ?? topics[1];
  if (found === undefined) throw new Error("the fixture has topics");
  const each = Math.floor(found.records / found.partitions);
  return {
    ...found,
    bounds: Array.from({ length: found.partitions }, (_, partition) => ({
      partition,
      start: 12_000,
      end: 12_000 + each,
      bytes: found.bytes === null ? null : Math.floor(found.bytes / found.partitions),
    })),
    produced_by: ["shop_import"],
  };
}

const none: BytesView = { encoding: "null", json: null, text: null, bytes: 0, truncated: false };

function textOf(text: string): BytesView {
  return { encoding: "text", json: null, text, bytes: text.length, truncated: false };
}

const order: BytesView = {
  encoding: "json",
  json: { id: "o-4711", customer: "c-12", total: 129.9, lines: [{ sku: "A-1", count: 2 }] },
  text: null,
  bytes: 84,
  truncated: false,
};

const records: readonly RecordView[] = [
  { partition: 0, offset: 313_082, at: minutesAgo(3), key: textOf("c-12"), value: order, headers: [] },
  {
    partition: 2,
    offset: 298_114,
    at: minutesAgo(2),
    key: textOf("c-90"),
    value: { encoding: "base64", json: null, text: "iVBORw0KGgoAAAANSUhEUgAA", bytes: 48_211, truncated: true },
    headers: [{ name: "millrace-claim-check", value: textOf("1") }],
  },
  { partition: 1, offset: 301_000, at: minutesAgo(1), key: textOf("c-7"), value: none, headers: [] },
];

export function peekedRecords(key: string | undefined): PeekedRecords {
  return {
    items: records.filter((record) => key === undefined || record.key.text === key),
    next_cursor: "W10",
    looked_at: key === undefined ? 3 : 50_000,
    complete: key === undefined,
  };
}

const untouchedGroup: GroupView = {
  group: "create_product",
  job_name: "create_product",
  topics: ["images", "uploads"],
  members: 1,
  generation: 3,
  lag: 0,
  lag_ms: null,
  rate: 0.4,
  parked: 0,
  dead_letters: 0,
};

export const groups: readonly GroupView[] = [
  untouchedGroup,
  {
    group: "dashboard",
    job_name: "dashboard",
    topics: ["orders"],
    members: 0,
    generation: 1,
    lag: 48_112,
    lag_ms: 3_900_000,
    rate: null,
    parked: 0,
    dead_letters: 0,
  },
  {
    group: "recommend",
    job_name: "recommend",
    topics: ["orders"],
    members: 3,
    generation: 12,
    lag: 5_210,
    lag_ms: 42_000,
    rate: 1_102,
    parked: 4,
    dead_letters: 2,
  },
];

/** What a group has that nobody works on. */
export const untouched: Pick<GroupDetail, "runs" | "partitions" | "joins" | "lag" | "lag_ms"> = {
  joins: [],
  runs: [],
  partitions: [],
  lag: 0,
  lag_ms: null,
};

export function groupOf(name: string | undefined): GroupDetail {
  const found = groups.find(({ group }) => group === name) ?? untouchedGroup;
  return {
    ...found,
    runs: [
      { run_id: "r4198", joined_at: minutesAgo(310), partitions: [0, 1] },
      { run_id: "r4205", joined_at: minutesAgo(12), partitions: [2] },
      { run_id: "r4206", joined_at: minutesAgo(1), partitions: [] },
    ],
    partitions: [0, 1, 2, 3].map((partition) => ({
      topic: "orders",
      partition,
      offset: 301_000 + partition * 900,
      start: 12_000,
      end: 303_083 + partition * 900,
      lag: partition === 1 ? 0 : 2_083,
      lag_ms: partition === 1 ? null : 42_000,
      epoch: 7 + partition,
      run_id: partition === 3 ? null : partition === 2 ? "r4205" : "r4198",
      committed_at: minutesAgo(partition),
    })),
    joins:
      found.group === "create_product"
        ? [
            { state: "open", keys: 212, bytes: 91_200, next_due_at: minutesAgo(-60), oldest_at: minutesAgo(1_380) },
            { state: "failed", keys: 1, bytes: 400, next_due_at: minutesAgo(-1), oldest_at: minutesAgo(4) },
          ]
        : [],
  };
}

export function soughtGroup(group: string, isPreview: boolean): SoughtGroup {
  return {
    group,
    moves: [{ topic: "orders", partition: 0, from: 301_000, to: 12_000 }],
    again: 289_000,
    skipped: 0,
    changed: !isPreview,
  };
}

const letter = {
  group: "recommend",
  job_name: "recommend",
  topic: "orders",
  attempts: 5,
  run_id: "r4198",
} as const;

export const deadLetters: readonly DeadLetterView[] = [
  {
    ...letter,
    id: 41,
    partition: 0,
    offset: 300_911,
    state: "open",
    error: { code: "RECORD_INVALID", message: "expected `total` to be a number" },
    at: minutesAgo(9),
  },
  {
    ...letter,
    id: 40,
    partition: 2,
    offset: 299_120,
    state: "open",
    error: { code: "JOB_FAILED", message: "customer `c-90` has no address" },
    at: minutesAgo(55),
  },
  {
    ...letter,
    id: 12,
    partition: 1,
    offset: 120_118,
    state: "retried",
    error: { code: "JOB_FAILED", message: "customer `c-7` has no address" },
    at: minutesAgo(2_000),
  },
];

export function deadLetterOf(id: string | undefined): DeadLetterDetail {
  const found = deadLetters.find((one) => String(one.id) === id) ?? deadLetters[0];
  if (found === undefined) throw new Error("the fixture has dead letters");
  return {
    ...found,
    key: textOf("c-12"),
    value: {
      encoding: "json",
      json: { id: "o-4711", customer: "c-12", total: "129,90" },
      text: null,
      bytes: 51,
      truncated: false,
    },
    headers: [{ name: "source", value: textOf("shop") }],
    record_at: minutesAgo(10),
    code: "9f2e11c0",
  };
}

const batch = {
  group: "dashboard",
  job_name: "dashboard",
  because: "age",
  stuck: false,
  ended_by: null,
  ranges: [{ topic: "orders", partition: 0, from: 200_000, to: 248_112 }],
} as const;

export const batches: readonly BatchView[] = [
  {
    ...batch,
    number: 7,
    state: "open",
    stuck: true,
    run_id: "r4203",
    records: 48_112,
    bytes: 6_100_400,
    first_at: minutesAgo(65),
    opened_at: minutesAgo(5),
    ended_at: null,
  },
  {
    ...batch,
    number: 6,
    state: "done",
    run_id: "r4195",
    records: 52_300,
    bytes: 6_800_010,
    first_at: minutesAgo(800),
    opened_at: minutesAgo(785),
    ended_at: minutesAgo(781),
  },
];

const copy = { store: "addresses", topic: "users", told_at: minutesAgo(0), error: null } as const;

export const stores: readonly StoreCopyView[] = [
  {
    ...copy,
    run_id: "r4198",
    state: "serving",
    as_of: minutesAgo(1),
    behind_ms: 400,
    lag: 3,
    bytes: 48_400_000,
    snapshot_at: minutesAgo(8),
  },
  {
    ...copy,
    run_id: "r4205",
    state: "building",
    as_of: null,
    behind_ms: null,
    lag: 812_000,
    bytes: 0,
    snapshot_at: null,
  },
];
