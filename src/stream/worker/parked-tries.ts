// Tries parked records when their time has come, beside those that come in: the first of each key, then what waits behind it.
import type { Clock } from "../../core/clock.ts";
import type { CommitLine } from "./commit-line.ts";
import { Effects } from "./effects.ts";
import type { LeaveSign } from "./leave-sign.ts";
import type { ParkedBook, ParkedRow } from "./parked-book.ts";
import type { RecordRunner } from "./record-runner.ts";
import { poisonous } from "./suspects.ts";

export interface ParkedTriesOptions {
  readonly book: ParkedBook;
  readonly runner: RecordRunner;
  readonly line: CommitLine;
  readonly deadLetterAfter: number;
  readonly clock: Clock;
  readonly sign: LeaveSign;
  readonly onHandled: () => void;
}

/** A person may have given dead letters back. */
const refreshEveryMs = 2_000;

/** Of one partition. */
export class ParkedTries {
  readonly #options: ParkedTriesOptions;
  #running: Promise<void> | undefined;
  #refreshedAtMs: number;

  constructor(options: ParkedTriesOptions) {
    this.#options = options;
    this.#refreshedAtMs = options.clock.now();
  }

  /** Tries what is due, unless that is under way. @param onFailure told of trouble of the store */
  start(onFailure: (thrown: unknown) => void): void {
    this.#running ??= this.#run()
      .catch(onFailure)
      .finally(() => (this.#running = undefined));
  }

  /** Resolves when the one that is tried now is done or left. */
  async end(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { book, clock, sign } = this.#options;
    const nowMs = clock.now();
    if (nowMs - this.#refreshedAtMs >= refreshEveryMs || nowMs < this.#refreshedAtMs) {
      this.#refreshedAtMs = nowMs;
      await book.refresh();
    }
    for (let row = book.findDue(clock.now()); row !== undefined && !sign.isSet; row = book.findDue(clock.now()))
      await this.#try(row);
  }

  async #try(row: ParkedRow): Promise<void> {
    const { book, runner, line, deadLetterAfter, onHandled, clock } = this.#options;
    const { id, record, attempts } = row;
    if (attempts >= deadLetterAfter) {
      // Its last try was counted and never ended: the process did.
      const error = poisonous(`the last of \`${attempts}\` tries of this record ended the worker`);
      await line.flush({ aside: gone(id, runner.giveUp(record, attempts, error)) });
      book.remove(row);
      return;
    }
    const counted = new Effects();
    // Before it is handled, as all tries are.
    counted.reparked.push({ id, attempts: attempts + 1, dueInMs: 0 });
    await line.flush({ aside: counted });
    const outcome = await runner.run(record, attempts);
    const again = outcome?.parked[0];
    if (again === undefined) {
      await line.flush({ aside: gone(id, outcome) });
      book.remove(row);
      onHandled();
      return;
    }
    await line.flush({ aside: outcome });
    Object.assign(row, { attempts: again.attempts, dueAtMs: clock.now() + again.dueInMs });
  }
}

function gone(id: number, outcome: Effects | undefined): Effects {
  const effects = new Effects();
  effects.unparked.push(id);
  if (outcome !== undefined) effects.add(outcome);
  return effects;
}
