// Virtual time: a queue of events in order of (time, order of scheduling). Between two events all promise jobs are done,
// so what happens depends on the queue alone.

/** A scheduled event. */
export interface Timer {
  cancel(): void;
}

interface QueuedEvent {
  readonly atMs: number;
  readonly order: number;
  work: (() => void) | undefined;
}

const batchSize = 64;

/** The clock of a world. It moves only from event to event. */
export class EventLoop {
  readonly #queue: QueuedEvent[] = [];
  #order = 0;
  #events = 0;
  nowMs: number;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** Events that were executed. */
  get events(): number {
    return this.#events;
  }

  /** Schedules `work` in `delayMs`, and never before what was scheduled earlier for the same time. */
  after(delayMs: number, work: () => void): Timer {
    const event: QueuedEvent = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order, work };
    this.#order += 1;
    this.#push(event);
    return {
      cancel: () => {
        event.work = undefined;
      },
    };
  }

  /**
   * Executes events until `isOver`, which is asked after each one, says so or none is left.
   * Node drains its microtasks after every immediate, so a batch of immediates is a batch of fully digested events.
   */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let ended = false;
      const end = (settle: () => void): void => {
        ended = true;
        settle();
      };
      const turn = (): void => {
        if (ended) return;
        try {
          if (isOver() || !this.#step()) end(resolve);
        } catch (error) {
          end(() => reject(error));
        }
      };
      const batch = (): void => {
        if (ended) return;
        for (let index = 0; index < batchSize; index += 1) setImmediate(turn);
        setImmediate(batch);
      };
      batch();
    });
  }

  #step(): boolean {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return false;
      if (event.work === undefined) continue;
      this.nowMs = event.atMs;
      this.#events += 1;
      event.work();
      return true;
    }
  }

  #push(event: QueuedEvent): void {
    const queue = this.#queue;
    let index = queue.length;
    queue.push(event);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = queue[above] as QueuedEvent;
      if (!isBefore(event, parent)) break;
      queue[index] = parent;
      index = above;
    }
    queue[index] = event;
  }

  #pop(): QueuedEvent | undefined {
    const queue = this.#queue;
    const first = queue[0];
    const last = queue.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let index = 0;
    for (;;) {
      const left = queue[2 * index + 1];
      if (left === undefined) break;
      const right = queue[2 * index + 2];
      const rightFirst = right !== undefined && isBefore(right, left);
      const child = rightFirst ? right : left;
      if (!isBefore(child, last)) break;
      queue[index] = child;
      index = 2 * index + (rightFirst ? 2 : 1);
    }
    queue[index] = last;
    return first;
  }
}

function isBefore(left: QueuedEvent, right: QueuedEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
