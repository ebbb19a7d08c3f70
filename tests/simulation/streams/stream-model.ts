// Books of what groups may do, kept beside the store's: who holds what, how far groups are, what was accepted and what was refused.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Assignment, Delivery } from "../../../src/core/stream/stream-ledger.ts";
import type { Fence } from "../../../src/store/rows/run-records.ts";

export interface StreamViolation {
  readonly invariant: string;
  readonly message: string;
}

interface Holding {
  readonly epoch: number;
  /** Undefined: it was given back, or taken by a person. */
  readonly holder: Fence | undefined;
}

/** Told of every call that took effect. */
export class StreamModel {
  readonly violations: StreamViolation[] = [];
  readonly #live = new Map<number, number>();
  readonly #holdings = new Map<string, Holding>();
  readonly #offsets = new Map<string, number>();
  readonly #accepted = new WeakSet<Delivery>();
  /** How often the group went past a record, by `topic/partition/offset`. */
  readonly passes: Map<string, number> = new Map();
  /** When the holder of a partition was told so, by `group/partition`. */
  readonly #toldMs = new Map<string, number[]>();
  readonly #now: () => number;
  accepted = 0;
  fenced = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  object(invariant: string, message: string): void {
    this.violations.push({ invariant, message });
  }

  leased({ runId, epoch }: Fence): void {
    this.#live.set(runId, epoch);
  }

  /** The lease is gone. */
  ended({ runId, epoch }: Fence): void {
    if (this.#live.get(runId) === epoch) this.#live.delete(runId);
  }

  isLive({ runId, epoch }: Fence): boolean {
    return this.#live.get(runId) === epoch;
  }

  claimed(fence: Fence, group: string, { held }: Assignment): void {
    if (!this.isLive(fence))
      this.object("fence", `run ${fence.runId} claims partitions of \`${group}\` without a lease`);
    for (const { partition, epoch, positions } of held) {
      const place = `${group}/${partition}`;
      const known = this.#holdings.get(place);
      this.#toldMs.set(place, [...(this.#toldMs.get(place) ?? []), this.#now()]);
      if (known === undefined || known.epoch !== epoch) this.#changeHolder(place, known, { epoch, holder: fence });
      else if (known.holder === undefined || !isSame(known.holder, fence))
        this.object("one holder", `${place} with epoch ${epoch} is told to run ${fence.runId} also`);
      for (const { topicId, offset } of positions) {
        const at = this.#offsets.get(`${group}/${topicId}/${partition}`) ?? 0;
        if (at !== offset) this.object("offset", `${place} is told to stand at ${offset}, it stands at ${at}`);
      }
    }
  }

  #changeHolder(place: string, known: Holding | undefined, next: Holding): void {
    if (known !== undefined && next.epoch <= known.epoch)
      this.object("epoch", `${place} goes from epoch ${known.epoch} to ${next.epoch}`);
    if (known?.holder !== undefined && this.isLive(known.holder))
      this.object("one holder", `${place} is taken from run ${known.holder.runId}, which lives`);
    this.#holdings.set(place, next);
  }

  released(
    fence: Fence,
    group: string,
    partitions: readonly { readonly partition: number; readonly epoch: number }[],
  ): void {
    for (const { partition, epoch } of partitions) {
      const place = `${group}/${partition}`;
      const known = this.#holdings.get(place);
      if (known?.epoch === epoch && known.holder !== undefined && isSame(known.holder, fence))
        this.#holdings.set(place, { epoch, holder: undefined });
    }
  }

  /** Whether a delivery may be accepted now: why not. */
  #refusal(fence: Fence, { group, partitions }: Delivery): string | undefined {
    if (!this.isLive(fence)) return `run ${fence.runId} has no lease`;
    for (const { partition, epoch, moves } of partitions) {
      const place = `${group}/${partition}`;
      const known = this.#holdings.get(place);
      if (known?.epoch !== epoch || known.holder === undefined || !isSame(known.holder, fence))
        return `${place} is not held with epoch ${epoch}`;
      for (const { topicId, from } of moves) {
        const at = this.#offsets.get(`${group}/${topicId}/${partition}`) ?? 0;
        if (at !== from) return `${place} stands at ${at}, not at ${from}`;
      }
    }
    return undefined;
  }

  delivered(fence: Fence, delivery: Delivery): void {
    this.accepted += 1;
    const why = this.#refusal(fence, delivery);
    if (why !== undefined) this.object("fence", `a delivery is accepted though ${why}`);
    this.#accepted.add(delivery);
    for (const { partition, moves } of delivery.partitions) {
      for (const { topicId, from, to } of moves) {
        const place = `${delivery.group}/${topicId}/${partition}`;
        if (to < from) this.object("offset", `${place} goes back from ${from} to ${to}`);
        this.#offsets.set(place, to);
        for (let offset = from; offset < to; offset += 1) {
          const record = `${place}/${offset}`;
          this.passes.set(record, (this.passes.get(record) ?? 0) + 1);
        }
      }
    }
  }

  refused(fence: Fence, delivery: Delivery, error: unknown): void {
    // What it did then shows in what the next claim is told.
    if (error instanceof MillraceError && error.code === "STORE_UNAVAILABLE") return;
    this.fenced += 1;
    // One that was accepted may be refused when it comes again, wherever the group stands.
    if (this.#refusal(fence, delivery) === undefined && !this.#accepted.has(delivery))
      this.object(
        "fence",
        `a delivery of the holder is refused: ${error instanceof Error ? error.message : String(error)}`,
      );
    if (!(error instanceof MillraceError)) this.object("error", `the store throws ${String(error)}`);
  }

  /** Whether a partition was held by somebody who was well in the seconds before: who has trouble rests for longer. */
  isWellHeld(group: string, partition: number, atMs: number): boolean {
    const told = this.#toldMs.get(`${group}/${partition}`) ?? [];
    return [1, 2, 3].every((back) => told.some((ms) => ms <= atMs - 1_100 * (back - 1) && ms > atMs - 1_100 * back));
  }

  /** A person moved a partition of a group. */
  sought(group: string, topicId: string, partition: number, offset: number): void {
    const place = `${group}/${partition}`;
    const known = this.#holdings.get(place);
    if (known !== undefined) this.#holdings.set(place, { epoch: known.epoch + 1, holder: undefined });
    this.#offsets.set(`${group}/${topicId}/${partition}`, offset);
  }
}

function isSame(left: Fence, right: Fence): boolean {
  return left.runId === right.runId && left.epoch === right.epoch;
}
