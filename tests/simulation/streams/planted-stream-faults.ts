// Bugs to plant between the model and the store, one small change each, to prove that the simulator of streams sees them.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { JoinWrite } from "../../../src/core/stream/join-ledger.ts";
import type { Delivery, PartitionDelivery } from "../../../src/core/stream/stream-ledger.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type { Fence } from "../../../src/store/rows/run-records.ts";
import type { PlantedFault } from "../world/planted-faults.ts";
import type { StoreFile } from "../world/store-file.ts";

/** Every bug by name. */
export const plantedStreamFaults: Readonly<Record<string, PlantedFault>> = {
  "delivery without the epoch of its partition": {
    methods: (store, { file }) => ({
      deliver: (fence, delivery) => store.deliver(holderOf(file, fence, delivery), withEpochs(file, delivery)),
    }),
  },
  "delivery from wherever the group stands": {
    methods: (store, { file }) => ({
      deliver: (fence, delivery) => store.deliver(fence, { ...delivery, partitions: fromThere(file, delivery) }),
    }),
  },
  "what a delivery produces is dropped": {
    methods: (store, { random }) => ({
      deliver: (fence, delivery) => store.deliver(fence, random.chance(0.1) ? { ...delivery, appends: [] } : delivery),
    }),
  },
  "offsets written before what is produced": {
    methods: (store, { random }) => ({
      deliver: async (fence, delivery) => {
        const ranges = await store.deliver(fence, { ...delivery, appends: [] });
        if (random.chance(0.05)) throw new MillraceError("STORE_UNAVAILABLE", "away in between");
        await store.appendBlocks(delivery.appends);
        return ranges;
      },
    }),
  },
  "what is produced written before offsets": {
    methods: (store) => ({
      deliver: async (fence, delivery) => {
        await store.appendBlocks(delivery.appends);
        return await store.deliver(fence, { ...delivery, appends: [] });
      },
    }),
  },
  "a held partition is claimed": {
    methods: (store, { file, random }) => ({
      claimPartitions: async (fence, declaration) => {
        if (random.chance(0.1))
          file.run("update stream_lease set run_id = null where partition = 0 and run_id <> ?", fence.runId);
        return await store.claimPartitions(fence, declaration);
      },
    }),
  },
  "a claim without a new epoch": {
    methods: (store, { file }) => ({
      claimPartitions: async (fence, declaration) => {
        const sql = "select partition, epoch from stream_lease where group_name = ?";
        const before = file.all<{ partition: number; epoch: number }>(sql, declaration.group);
        const assignment = await store.claimPartitions(fence, declaration);
        const held = assignment.held.map((holding) => {
          const epoch = before.find(({ partition }) => partition === holding.partition)?.epoch ?? holding.epoch;
          return { ...holding, epoch: Math.max(1, epoch) };
        });
        for (const { partition, epoch } of held)
          file.run(
            "update stream_lease set epoch = ? where group_name = ? and partition = ?",
            epoch,
            declaration.group,
            partition,
          );
        return { ...assignment, held };
      },
    }),
  },
  "what is in hand is not counted": {
    methods: (store) => ({
      deliver: (fence, delivery) =>
        store.deliver(fence, { ...delivery, partitions: delivery.partitions.map(withoutHand) }),
    }),
  },
  "dead letters are dropped": {
    methods: (store) => ({ deliver: (fence, delivery) => store.deliver(fence, { ...delivery, deadLetters: [] }) }),
  },
  "parked records are dropped": {
    methods: (store) => ({ deliver: (fence, delivery) => store.deliver(fence, { ...delivery, parked: [] }) }),
  },
  "parked records stay when they are done": {
    methods: (store) => ({ deliver: (fence, delivery) => store.deliver(fence, { ...delivery, unparked: [] }) }),
  },
  "appends without their mark": {
    methods: (store) => ({
      appendBlocks: (appends) => store.appendBlocks(appends.map(({ topicId, blocks }) => ({ topicId, blocks }))),
    }),
  },
  "a seek that leaves the epochs": {
    methods: (store, { file }) => ({
      seekGroup: async (group, positions) => {
        for (const { topicId, partition, offset } of positions)
          file.run(
            "update stream_offset set next_offset = ?, hand_to = null, tries = 0 where group_name = ? and topic_id = ? and partition = ?",
            offset,
            group,
            topicId,
            partition,
          );
      },
    }),
  },
  "an emission that is not marked": {
    methods: (store, { random }) => ({
      deliver: (fence, delivery) =>
        store.deliver(
          fence,
          withJoins(delivery, ({ state }) => state !== "emitted" || random.chance(0.7)),
        ),
    }),
  },
  "what has come of a key is forgotten": {
    methods: (store, { random }) => ({
      deliver: (fence, delivery) =>
        store.deliver(
          fence,
          withJoins(delivery, ({ state }) => state !== "open" || random.chance(0.8)),
        ),
    }),
  },
  "keys that expire too early": {
    methods: (store) => ({
      listDueJoins: (query) => store.listDueJoins({ ...query, dueByMs: query.dueByMs + 200 }),
    }),
  },
  "keys that expire too late": {
    methods: (store) => ({
      listDueJoins: (query) => store.listDueJoins({ ...query, dueByMs: query.dueByMs - 500 }),
    }),
  },
  "a batch that takes a record too few": {
    methods: (store) => ({
      openBatch: (batch) =>
        store.openBatch({
          ...batch,
          ranges: batch.ranges.map((range) => ({ ...range, from: Math.min(range.from + 1, range.to) })),
        }),
    }),
  },
};

interface LeaseRow {
  readonly partition: number;
  readonly epoch: number;
  readonly runId: RunId | null;
  readonly runEpoch: number | null;
}

function leasesOf(file: StoreFile, group: string): readonly LeaseRow[] {
  const sql = `select partition, epoch, run_id as "runId", run_epoch as "runEpoch" from stream_lease where group_name = ?`;
  return file.all<LeaseRow>(sql, group);
}

function holderOf(file: StoreFile, fence: Fence, { group, partitions }: Delivery): Fence {
  const row = leasesOf(file, group).find(({ partition }) => partition === partitions[0]?.partition);
  return row === undefined || row.runId === null || row.runEpoch === null
    ? fence
    : { runId: row.runId, epoch: row.runEpoch };
}

function withEpochs(file: StoreFile, delivery: Delivery): Delivery {
  const rows = leasesOf(file, delivery.group);
  const partitions = delivery.partitions.map((one) => ({
    ...one,
    epoch: rows.find(({ partition }) => partition === one.partition)?.epoch ?? one.epoch,
  }));
  return { ...delivery, partitions };
}

function fromThere(file: StoreFile, { group, partitions }: Delivery): readonly PartitionDelivery[] {
  const sql = "select next_offset as offset from stream_offset where group_name = ? and topic_id = ? and partition = ?";
  return partitions.map(({ moves, ...one }) => ({
    ...one,
    moves: moves.map((move) => {
      const [row] = file.all<{ offset: number }>(sql, group, move.topicId, one.partition);
      return { ...move, from: row?.offset ?? move.from };
    }),
  }));
}

function withJoins(delivery: Delivery, isKept: (write: JoinWrite) => boolean): Delivery {
  const { joins } = delivery;
  return joins === undefined ? delivery : { ...delivery, joins: { ...joins, writes: joins.writes.filter(isKept) } };
}

function withoutHand({ moves, ...one }: PartitionDelivery): PartitionDelivery {
  return { ...one, moves: moves.map(({ topicId, from, to }) => ({ topicId, from, to })) };
}
