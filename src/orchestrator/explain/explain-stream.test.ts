import { expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { GroupState } from "../../core/stream/stream-ledger.ts";
import { explainStream, type StreamFacts } from "./explain-stream.ts";

const runId = 7 as RunId;

function facts(state: Partial<GroupState> = {}, more: Partial<StreamFacts> = {}): StreamFacts {
  return {
    runId,
    group: "recommend",
    topics: ["orders"],
    state: {
      group: "recommend",
      job: "recommend",
      generation: 2,
      members: [{ runId, joinedAtMs: 0, partitions: [0] }],
      positions: [position(0), position(1)],
      parked: 0,
      openDeadLetters: 0,
      ...state,
    },
    lags: new Map(),
    openBreakers: [],
    nowMs: 60_000,
    ...more,
  };
}

function position(partition: number): GroupState["positions"][number] {
  return { topicId: "t", topic: "orders", partition, offset: 3, epoch: 1, committedAtMs: 30_000, maxTimeMs: undefined };
}

test("a run that has read all says that it waits for records", () => {
  expect(explainStream(facts())).toMatchObject({
    summary: "has read all of `orders` in partition 0 of `recommend`, and waits for records",
    details: [],
  });
});

test("one that is behind says how far, and when it committed last", () => {
  expect(
    explainStream(
      facts(
        {},
        {
          lags: new Map([
            [0, 12],
            [1, 5],
          ]),
        },
      ),
    ),
  ).toMatchObject({
    summary: "is 12 records behind in partition 0 of `recommend`",
    details: ["its last commit was 30s ago"],
  });
});

test("one without a partition tells whether there are enough of them", () => {
  const idle = { runId, joinedAtMs: 0, partitions: [] };
  const others = [1, 2].map((id) => ({ runId: id, joinedAtMs: 0, partitions: [id - 1] }));
  expect(explainStream(facts({ members: [idle, ...others] }))).toMatchObject({
    summary: "holds no partition, because `recommend` has 3 members for 2 partitions",
    remedy: "lower `replicas` of the job, or raise `partitions` of the topic",
  });
  const greedy = { runId: 1, joinedAtMs: 0, partitions: [0, 1] };
  expect(explainStream(facts({ members: [idle, greedy] }))).toMatchObject({
    summary: "waits for a partition that another run gives back when it has done what it has in hand",
    details: ["r1 holds 0, 1"],
  });
});

test("parked records and dead letters are told with what to do", () => {
  expect(explainStream(facts({ parked: 2, openDeadLetters: 1 }))).toMatchObject({
    summary: "has read all of `orders` in partition 0 of `recommend`, and waits for the next try of what is parked",
    details: [
      "2 records of `recommend` wait for the next try, and all of the same keys behind",
      "1 dead letter waits for a decision: `millrace topic dead-letters --group recommend`",
    ],
  });
});

test("an open breaker goes before all else", () => {
  const breaker = {
    name: "crm",
    state: "open",
    failures: 5,
    refusals: 0,
    openedAtMs: 0,
    probeAtMs: 90_000,
    lastError: "502",
    version: 1,
  } as const;
  expect(explainStream(facts({}, { lags: new Map([[0, 3]]), openBreakers: [breaker] }))).toMatchObject({
    summary: "reads nothing more until 1970-01-01T00:01:30Z (in 30s), because connection `crm` is failing",
    details: ["it failed with: 502"],
  });
});

test("a run that is no member has nothing to tell", () => {
  expect(explainStream(facts({ members: [] }))).toBeUndefined();
  expect(explainStream({ ...facts(), state: undefined })).toBeUndefined();
});
