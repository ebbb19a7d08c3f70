// How far a partition is: the offset below which everything is done, and what is to be written when the group goes there.
// Records that end at once, with none unfinished before them, cost nothing here.
import { Effects, type Outcome } from "./effects.ts";

/** A record that is not done, or that is done behind one that is not. */
export interface Slot {
  readonly offset: number;
  isDone: boolean;
  outcome: Outcome;
}

/** Of one partition, in the order of its offsets. */
export class OffsetTrack {
  #slots: Slot[] = [];
  #head = 0;
  #passed: number;
  #ready = new Effects();

  /** @param offset where the group stands */
  constructor(offset: number) {
    this.#passed = offset;
  }

  /** The offset below which everything is done. */
  get low(): number {
    return this.#slots[this.#head]?.offset ?? this.#passed;
  }

  /** Whether a record is unfinished. */
  get isBusy(): boolean {
    return this.#head < this.#slots.length;
  }

  /** A record that goes on for a while. */
  begin(offset: number): Slot {
    const slot: Slot = { offset, isDone: false, outcome: undefined };
    this.#slots.push(slot);
    this.#passed = offset + 1;
    return slot;
  }

  /** A record that has begun is done. */
  finish(slot: Slot, outcome: Outcome): void {
    slot.isDone = true;
    slot.outcome = outcome;
    this.#advance();
  }

  /** A record was done at once. */
  pass(offset: number, outcome: Outcome): void {
    this.#passed = offset + 1;
    if (outcome === undefined) return;
    if (this.isBusy) this.#slots.push({ offset, isDone: true, outcome });
    else this.#ready.add(outcome);
  }

  /** There is no record before `offset` any more that has not begun. */
  passTo(offset: number): void {
    this.#passed = Math.max(this.#passed, offset);
  }

  /** What belongs to the offsets below `low`; it is handed out once. */
  take(): Effects {
    const ready = this.#ready;
    this.#ready = new Effects();
    return ready;
  }

  /** Whether there is something to write besides the offset. */
  get hasEffects(): boolean {
    return !this.#ready.isEmpty;
  }

  #advance(): void {
    for (let slot = this.#slots[this.#head]; slot?.isDone === true; slot = this.#slots[this.#head]) {
      if (slot.outcome !== undefined) this.#ready.add(slot.outcome);
      this.#head += 1;
    }
    if (this.#head < 1_024 && this.isBusy) return;
    this.#slots = this.#slots.slice(this.#head);
    this.#head = 0;
  }
}
