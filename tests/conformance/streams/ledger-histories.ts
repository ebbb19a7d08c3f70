// Random histories of members that join, work, hesitate, die and come back late, against a small model of what must hold: a partition
// has one holder, an offset never goes back, and in the end every record was delivered once.
import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Delivery } from "../../../src/core/stream/stream-ledger.ts";
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import type { Fence, WorkerId } from "../../../src/store/rows/run-records.ts";
import { type CreateStore, fenceOf } from "../store/store-fixture.ts";
import { appendOf, block, createLedgerFixture, delivery, type LedgerFixture } from "./ledger-fixture.ts";

const step = fc.oneof(
  fc.record({ do: fc.constant("join" as const) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant("claim" as const), pick: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("deliver" as const), pick: fc.nat(), count: fc.nat(4) }) },
  fc.record({ do: fc.constant("repeat" as const), pick: fc.nat() }),
  fc.record({ do: fc.constant("release" as const), pick: fc.nat() }),
  fc.record({ do: fc.constant("end" as const), pick: fc.nat(), reaped: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("append" as const), pick: fc.nat(), count: fc.nat(5) }) },
  fc.record({ do: fc.constant("raise" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export function describeHistories(createStore: CreateStore): void {
  test("no random history of members lets two hold a partition, an offset go back, or a record be delivered twice or never", async () => {
    const endAt = performance.now() + 4_000;
    let hasFailed = false;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: "max" }), async (steps) => {
        // A failure is shrunk however long it takes.
        if (performance.now() > endAt && !hasFailed) return;
        try {
          await perform(createStore, steps);
        } catch (error) {
          hasFailed = true;
          throw error;
        }
      }),
      { seed: 20_260_713, numRuns: 60 },
    );
  });
}

async function perform(createStore: CreateStore, steps: readonly Step[]): Promise<void> {
  await using fixture = await createLedgerFixture(createStore);
  const input = await fixture.topic("input", 2);
  const output = await fixture.topic("output", 1);
  const world = new GroupWorld(fixture, input, output);
  await world.apply({ do: "join" });
  for (const next of steps) {
    await world.apply(next);
    await world.check();
  }
  await world.heal();
}

interface Member {
  readonly fence: Fence;
  readonly workerId: WorkerId;
  isAlive: boolean;
  /** What it believes to hold; of one that is gone, what it believed last. */
  held: { readonly partition: number; readonly epoch: number; offset: number }[];
  surplus: readonly number[];
  last: Delivery | undefined;
}

class GroupWorld {
  readonly #fixture: LedgerFixture;
  readonly #output: TopicState;
  #input: TopicState;
  readonly #members: Member[] = [];
  /** Records of each partition, and how far the group is. */
  readonly #ends: number[] = [0, 0];
  readonly #positions: number[] = [0, 0];

  constructor(fixture: LedgerFixture, input: TopicState, output: TopicState) {
    this.#fixture = fixture;
    this.#input = input;
    this.#output = output;
  }

  async apply(next: Step): Promise<void> {
    if (next.do === "join") return await this.#join();
    if (next.do === "raise") return await this.#raise();
    if (next.do === "append") return await this.#append(next.pick % this.#ends.length, next.count + 1);
    const member = this.#members[next.pick % this.#members.length];
    if (member === undefined) return;
    if (next.do === "claim") await this.#claim(member);
    else if (next.do === "deliver") await this.#deliver(member, next.count + 1);
    else if (next.do === "repeat") await this.#repeat(member);
    else if (next.do === "release") await this.#release(member);
    else await this.#end(member, next.reaped);
  }

  async check(): Promise<void> {
    const group = await this.#fixture.store.findGroup("ship");
    const holders = (group?.members ?? []).flatMap(({ partitions }) => partitions);
    assert.equal(new Set(holders).size, holders.length, "a partition has two holders");
    for (const { partition, offset } of group?.positions ?? []) assert.equal(offset, this.#positions[partition]);
  }

  /** All work at once until nothing is left; then what was delivered is exactly what was appended. */
  async heal(): Promise<void> {
    for (let partition = 0; partition < this.#ends.length; partition += 1) await this.#append(partition, 3);
    await this.#join();
    await this.#join();
    const alive = this.#members.filter(({ isAlive }) => isAlive);
    for (
      let round = 0;
      this.#positions.some((position, partition) => position < (this.#ends[partition] ?? 0));
      round += 1
    ) {
      assert.ok(round < 50, "the group stands still");
      await Promise.all(alive.map((member) => this.#work(member)));
    }
    await this.check();
    await this.#checkOutput();
  }

  async #work(member: Member): Promise<void> {
    await this.#claim(member);
    await this.#deliver(member, 4);
    await this.#release(member);
  }

  async #checkOutput(): Promise<void> {
    const ranges = new Map<number, { from: number; to: number }[]>();
    const end = await this.#fixture.end(this.#output);
    for (let at = 0; at < end;) {
      const { blocks } = await this.#fixture.store.readBlocks({
        topicId: this.#output.id,
        partition: 0,
        from: at,
        maxBytes: 1e6,
      });
      for (const { payload, firstOffset, count } of blocks) {
        const range = JSON.parse(Buffer.from(payload).toString()) as { partition: number; from: number; to: number };
        ranges.set(range.partition, [...(ranges.get(range.partition) ?? []), range]);
        at = firstOffset + count;
      }
    }
    for (const [partition, appended] of this.#ends.entries()) {
      let at = 0;
      for (const { from, to } of ranges.get(partition) ?? []) {
        assert.equal(from, at, `partition ${partition} was not delivered once and in order`);
        at = to;
      }
      assert.equal(at, appended);
    }
  }

  async #join(): Promise<void> {
    const workerId = await this.#fixture.stores.worker("w", 86_400_000);
    await this.#fixture.stores.submit();
    const fence = fenceOf(await this.#fixture.stores.claimOne(workerId));
    this.#members.push({ fence, workerId, isAlive: true, held: [], surplus: [], last: undefined });
  }

  async #raise(): Promise<void> {
    if (this.#ends.length === 4) return;
    this.#input = await this.#fixture.topic("input", this.#ends.length + 1);
    this.#ends.push(0);
    this.#positions.push(0);
  }

  async #append(partition: number, count: number): Promise<void> {
    await this.#fixture.append(this.#input, block(partition, count));
    this.#ends[partition] = (this.#ends[partition] ?? 0) + count;
  }

  async #claim(member: Member): Promise<void> {
    const assignment = await this.#attempt(member, () => this.#fixture.claim(member.fence, this.#input));
    if (assignment === undefined) return;
    member.surplus = assignment.surplus;
    member.held = assignment.held.map(({ partition, epoch, positions }) => ({
      partition,
      epoch,
      offset: positions[0]?.offset ?? Number.NaN,
    }));
    for (const { partition, offset } of member.held) assert.equal(offset, this.#positions[partition]);
  }

  // Records of all that it holds, as far as there are some, with a record of the output for each range.
  async #deliver(member: Member, count: number): Promise<void> {
    const ranges = member.held.flatMap(({ partition, epoch, offset }) => {
      const to = Math.min(offset + count, this.#ends[partition] ?? 0);
      return to > offset ? [{ partition, epoch, from: offset, to }] : [];
    });
    if (ranges.length === 0) return;
    const written = delivery(
      ranges.map(({ partition, epoch, from, to }) => ({
        partition,
        epoch,
        moves: [{ topicId: this.#input.id, from, to }],
      })),
      {
        appends: [
          appendOf(
            this.#output,
            ...ranges.map((range) => block(0, 1, { payload: Buffer.from(JSON.stringify(range)) })),
          ),
        ],
      },
    );
    const given = await this.#attempt(member, () => this.#fixture.store.deliver(member.fence, written));
    if (given === undefined) return;
    member.last = written;
    for (const { partition, from, to } of ranges) {
      assert.equal(this.#positions[partition], from);
      this.#positions[partition] = to;
      for (const held of member.held) if (held.partition === partition) held.offset = to;
    }
  }

  async #repeat({ fence, last }: Member): Promise<void> {
    if (last === undefined) return;
    await assert.rejects(this.#fixture.store.deliver(fence, last), MillraceError);
  }

  async #release(member: Member): Promise<void> {
    const given = member.held.filter(({ partition }) => member.surplus.includes(partition));
    if ((await this.#attempt(member, () => this.#give(member, given))) === undefined) return;
    member.held = member.held.filter((held) => !given.includes(held));
    member.surplus = [];
  }

  async #give({ fence }: Member, given: Member["held"]): Promise<true> {
    await this.#fixture.store.releasePartitions(fence, "ship", given);
    return true;
  }

  async #end(member: Member, reaped: boolean): Promise<void> {
    if (!member.isAlive || this.#members.filter(({ isAlive }) => isAlive).length === 1) return;
    if (reaped) await this.#fixture.store.reap({ limit: 9, deadWorkerIds: [member.workerId], maxLosses: 99 });
    else await this.#fixture.stores.finish(member.fence);
    member.isAlive = false;
  }

  // Those that are gone are refused, whatever they ask.
  async #attempt<T>(member: Member, work: () => Promise<T>): Promise<T | undefined> {
    if (member.isAlive) return await work();
    await assert.rejects(work(), { code: "RUN_LOST" });
    return undefined;
  }
}
