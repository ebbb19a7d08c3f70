// Writes what is done of a partition, one write after the other: the offset, what belongs to it, and what is taken in hand next.
import { MillraceError } from "../../core/errors/errors.ts";
import type { DeliveryOf } from "./delivery-of.ts";
import { Effects } from "./effects.ts";
import type { JointDeliveries } from "./joint-deliveries.ts";
import type { OffsetTrack } from "./offset-track.ts";
import type { ParkedBook } from "./parked-book.ts";

export interface CommitLineOptions {
  readonly deliveries: Pick<JointDeliveries, "deliver">;
  readonly group: string;
  readonly partition: number;
  readonly epoch: number;
  readonly topicId: string;
  /** Where the group stands. */
  readonly offset: number;
  /** Where the records end that are in hand. */
  readonly handTo: number | undefined;
  readonly track: OffsetTrack;
  readonly book: Pick<ParkedBook, "refresh">;
  /** Makes a delivery of effects. */
  readonly toDelivery: DeliveryOf;
}

/** Of one holding of a partition. After the first write that failed nothing is written any more: what was, the store knows. */
export class CommitLine {
  readonly #options: CommitLineOptions;
  #committed: number;
  #handTo: number;
  /** Whether the store may have nothing in hand although an owner was lost with some: it had put them down for others. */
  #isHandUnsure: boolean;
  #isHandDue = false;
  #wantedHandTo: number;
  #maxTimeMs: number | undefined;
  #aside = new Effects();
  #last: Promise<void> = Promise.resolve();
  #failure: MillraceError | undefined;

  constructor(options: CommitLineOptions) {
    const { offset, handTo = offset } = options;
    this.#options = options;
    this.#committed = offset;
    this.#handTo = handTo;
    this.#isHandUnsure = options.handTo !== undefined;
    this.#wantedHandTo = handTo;
  }

  /** What made a write fail. */
  get failure(): MillraceError | undefined {
    return this.#failure;
  }

  /** Resolves when records below `to`, and no others, are durably in hand: a process that dies of one leaves that behind. */
  async takeInHand(to: number): Promise<void> {
    this.#wantedHandTo = to;
    this.#isHandDue ||= this.#isHandUnsure;
    if (this.#isHandDue || this.#handTo !== to) await this.flush();
  }

  /** Event times that were seen. */
  note(timeMs: number): void {
    if (this.#maxTimeMs === undefined || timeMs > this.#maxTimeMs) this.#maxTimeMs = timeMs;
  }

  /** Resolves when what is done by now is durable, with what belongs to no offset. @param handTo what is taken in hand with it */
  flush({
    aside,
    handTo,
  }: { readonly aside?: Effects | undefined; readonly handTo?: number | undefined } = {}): Promise<void> {
    if (aside !== undefined) this.#aside.add(aside);
    if (handTo !== undefined) this.#wantedHandTo = handTo;
    const write = this.#last.then(() => this.#write());
    this.#last = write.catch(() => undefined);
    return write;
  }

  async #write(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const { deliveries, track, book, toDelivery } = this.#options;
    const to = track.low;
    const handTo = this.#wantedHandTo;
    const effects = track.take();
    effects.add(this.#aside);
    this.#aside = new Effects();
    if (to === this.#committed && handTo === this.#handTo && !this.#isHandDue && effects.isEmpty) return;
    try {
      await deliveries.deliver(await toDelivery(effects, [this.#toPartition(to, handTo)], to));
      this.#committed = to;
      this.#handTo = handTo;
      this.#isHandUnsure = false;
      this.#isHandDue = false;
      if (effects.parked.length > 0) await book.refresh();
    } catch (thrown) {
      this.#failure = thrown instanceof MillraceError ? thrown : new MillraceError("INTERNAL", String(thrown));
      throw this.#failure;
    }
  }

  #toPartition(to: number, handTo: number): Parameters<DeliveryOf>[1][number] {
    const { partition, epoch, topicId } = this.#options;
    const hand = handTo > to ? { handTo } : {};
    const time = this.#maxTimeMs === undefined ? {} : { maxTimeMs: this.#maxTimeMs };
    return { partition, epoch, moves: [{ topicId, from: this.#committed, to, ...hand, ...time }] };
  }
}
