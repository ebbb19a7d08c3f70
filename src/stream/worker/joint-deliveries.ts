// Writes what the partitions of a run have done, those that come while a write is under way together in the next one: the store takes
// the deliveries of a run one after the other, so each by itself would wait for the disk once for every partition.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Delivery, GroupLedger } from "../../core/stream/stream-ledger.ts";

/** What one write appends at most, where that is not of one partition. */
const maxAppendedBytes = 4 * 1024 * 1024;

interface Waiting {
  readonly delivery: Delivery;
  readonly done: PromiseWithResolvers<void>;
}

/** Of one run; all of its deliveries are of one group. */
export class JointDeliveries {
  readonly #ledger: Pick<GroupLedger, "deliver">;
  #waiting: readonly Waiting[] = [];
  #isWriting = false;

  constructor(ledger: Pick<GroupLedger, "deliver">) {
    this.#ledger = ledger;
  }

  /** Resolves when it is durable. @throws as `GroupLedger.deliver`, for this delivery alone */
  async deliver(delivery: Delivery): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting = [...this.#waiting, { delivery, done }];
    if (!this.#isWriting) void this.#writeAll();
    await done.promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const next = this.#waiting.slice(0, countJoint(this.#waiting));
      this.#waiting = this.#waiting.slice(next.length);
      await this.#write(next);
    }
    this.#isWriting = false;
  }

  async #write(joint: readonly Waiting[]): Promise<void> {
    try {
      await this.#ledger.deliver(join(joint.map(({ delivery }) => delivery)));
      for (const { done } of joint) done.resolve();
    } catch (thrown) {
      // one of them is another run's by now; the others are as good as before
      if (joint.length > 1 && thrown instanceof MillraceError && thrown.code === "PARTITION_LOST")
        for (const single of joint) await this.#write([single]);
      else for (const { done } of joint) done.reject(thrown);
    }
  }
}

function countJoint(waiting: readonly Waiting[]): number {
  const partitions = new Set<number>();
  let bytes = 0;
  const end = waiting.findIndex(({ delivery }, index) => {
    bytes += appendedBytes(delivery);
    const isAgain = delivery.partitions.some(({ partition }) => partitions.has(partition));
    for (const { partition } of delivery.partitions) partitions.add(partition);
    return index > 0 && (isAgain || bytes > maxAppendedBytes);
  });
  return end < 0 ? waiting.length : end;
}

function appendedBytes({ appends }: Delivery): number {
  return appends.reduce((sum, { blocks }) => sum + blocks.reduce((own, { bytes }) => own + bytes, 0), 0);
}

function join(deliveries: readonly Delivery[]): Delivery {
  const [first, ...others] = deliveries;
  if (first === undefined) throw new MillraceError("INTERNAL", "no delivery to write");
  if (others.length === 0) return first;
  return {
    group: first.group,
    partitions: deliveries.flatMap(({ partitions }) => partitions),
    appends: deliveries.flatMap(({ appends }) => appends),
    deadLetters: deliveries.flatMap(({ deadLetters }) => deadLetters),
    parked: deliveries.flatMap(({ parked }) => parked),
    unparked: deliveries.flatMap(({ unparked }) => unparked),
    reparked: deliveries.flatMap(({ reparked }) => reparked),
    ...joinsOf(deliveries),
  };
}

function joinsOf(deliveries: readonly Delivery[]): Pick<Delivery, "joins"> {
  const joins = deliveries.flatMap((delivery) => delivery.joins ?? []);
  if (joins.length === 0) return {};
  return {
    joins: { writes: joins.flatMap(({ writes }) => writes), removals: joins.flatMap(({ removals }) => removals) },
  };
}
