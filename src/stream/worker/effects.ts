// What handled records leave to be written: with the offsets that it belongs to, in one delivery, or not at all.
import type { NewRecord } from "../../core/stream/stream-record.ts";
import type { NewParkedRecord, ParkedTry } from "../../core/stream/stream-ledger.ts";
import type { NewDeadLetter } from "../../core/stream/set-aside-record.ts";
import type { Topic } from "../../core/stream/topic.ts";

/** A record on its way into a topic. */
export interface ProducedRecord {
  readonly topic: Topic;
  readonly record: NewRecord;
}

/** Grows while records are handled, in their order. */
export class Effects {
  readonly produced: ProducedRecord[] = [];
  readonly deadLetters: NewDeadLetter[] = [];
  readonly parked: NewParkedRecord[] = [];
  readonly unparked: number[] = [];
  readonly reparked: ParkedTry[] = [];

  get isEmpty(): boolean {
    const { produced, deadLetters, parked, unparked, reparked } = this;
    return (
      produced.length === 0 &&
      deadLetters.length === 0 &&
      parked.length === 0 &&
      unparked.length === 0 &&
      reparked.length === 0
    );
  }

  /** Takes over what another one has. */
  add(other: Effects): void {
    for (const produced of other.produced) this.produced.push(produced);
    for (const letter of other.deadLetters) this.deadLetters.push(letter);
    for (const parked of other.parked) this.parked.push(parked);
    for (const id of other.unparked) this.unparked.push(id);
    for (const again of other.reparked) this.reparked.push(again);
  }
}

/** What one record left: nothing at all in most cases. */
export type Outcome = Effects | undefined;
