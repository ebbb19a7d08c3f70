// Deliveries of the partitions of a run that are written together.
import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Delivery } from "../../core/stream/stream-ledger.ts";
import { JointDeliveries } from "./joint-deliveries.ts";

function of(partition: number, bytes = 100): Delivery {
  const block = { partition, count: 1, bytes, minTimeMs: 0, maxTimeMs: 0, payload: new Uint8Array() };
  return {
    group: "sums",
    partitions: [{ partition, epoch: 1, moves: [{ topicId: "t", from: 0, to: 1 }] }],
    appends: [{ topicId: "u", blocks: [block] }],
    deadLetters: [],
    parked: [],
    unparked: [partition],
    reparked: [],
  };
}

function partitionsOf({ partitions }: Delivery): readonly number[] {
  return partitions.map(({ partition }) => partition);
}

/** A store whose writes end when they are told to. */
function setUp(refuse: (delivery: Delivery) => MillraceError | undefined = () => undefined): {
  readonly written: (readonly number[])[];
  readonly all: Delivery[];
  readonly deliveries: JointDeliveries;
} {
  const written: (readonly number[])[] = [];
  const all: Delivery[] = [];
  const deliveries = new JointDeliveries({
    deliver: async (delivery) => {
      written.push(partitionsOf(delivery));
      all.push(delivery);
      await Promise.resolve();
      const error = refuse(delivery);
      if (error !== undefined) throw error;
      return [];
    },
  });
  return { written, all, deliveries };
}

test("the first is written at once, and those that come meanwhile together behind it", async () => {
  const { written, all, deliveries } = setUp();
  await Promise.all([0, 1, 2, 3].map((partition) => deliveries.deliver(of(partition))));
  expect(written).toEqual([[0], [1, 2, 3]]);
  expect(all[1]).toMatchObject({ group: "sums", unparked: [1, 2, 3] });
  expect(all[1]?.appends).toHaveLength(3);
  await deliveries.deliver(of(0));
  expect(written.at(-1)).toEqual([0]);
});

test("a partition that is lost takes no other with it", async () => {
  const lost = new MillraceError("PARTITION_LOST", "partition `2` is no longer held");
  const { written, deliveries } = setUp((delivery) => (partitionsOf(delivery).includes(2) ? lost : undefined));
  const ends = await Promise.allSettled([0, 1, 2, 3].map((partition) => deliveries.deliver(of(partition))));
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(written).toEqual([[0], [1, 2, 3], [1], [2], [3]]);
});

test("what is wrong with the run is told to all", async () => {
  const gone = new MillraceError("RUN_LOST", "the lease is gone");
  const { written, deliveries } = setUp(() => gone);
  const ends = await Promise.allSettled([0, 1, 2].map((partition) => deliveries.deliver(of(partition))));
  expect(ends.every(({ status }) => status === "rejected")).toBe(true);
  expect(written).toEqual([[0], [1, 2]]);
});

test("one write holds 4 MB of records at most, and a partition once", async () => {
  const { written, deliveries } = setUp();
  const large = [1, 2, 3].map((partition) => deliveries.deliver(of(partition, 2_500_000)));
  await Promise.all([...large, deliveries.deliver(of(4)), deliveries.deliver(of(4))]);
  expect(written).toEqual([[1], [2], [3, 4], [4]]);
});

test("what joins have written goes along", async () => {
  const { all, deliveries } = setUp();
  const removal = (partition: number): Delivery => {
    return { ...of(partition), joins: { writes: [], removals: [{ partition, key: "k" }] } };
  };
  await Promise.all([deliveries.deliver(of(0)), deliveries.deliver(removal(1)), deliveries.deliver(removal(2))]);
  expect(all[1]?.joins?.removals).toEqual([
    { partition: 1, key: "k" },
    { partition: 2, key: "k" },
  ]);
});
