// Exchanges of the runs of one process: kept in memory and written together about once a second. How many there were is always
// exact; of each run so many are kept one by one as a person may look at.
import { type Exchange, isFailedExchange } from "../../core/connection/exchange.ts";
import type { Clock } from "../../core/clock.ts";
import type { RunId } from "../../core/run-id.ts";
import { type ExchangeBatch, maxKeptExchanges } from "../../store/record/exchange-records.ts";
import type { Store } from "../../store/store.ts";

const flushEveryMs = 1_000;

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** What came since the last write, with what was kept since the attempt began. */
interface Buffer {
  readonly batch: Writable<Omit<ExchangeBatch, "kept">> & { kept: ExchangeBatch["kept"][number][] };
  kept: number;
  keptLate: number;
}

/** Buffers what runs ask of services. */
export class ExchangeLog {
  readonly #store: Pick<Store, "appendExchanges">;
  readonly #clock: Clock;
  readonly #buffers = new Map<RunId, Buffer>();
  readonly #closed = new AbortController();
  #flushing: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Pick<Store, "appendExchanges">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  note(runId: RunId, attempt: number, exchange: Exchange): void {
    let buffer = this.#buffers.get(runId);
    if (buffer === undefined) {
      buffer = { batch: { runId, attempt, exchanges: 0, failed: 0, bytes: 0, kept: [] }, kept: 0, keptLate: 0 };
      this.#buffers.set(runId, buffer);
    }
    const { batch } = buffer;
    const isFailed = isFailedExchange(exchange);
    batch.exchanges += 1;
    batch.bytes += exchange.receivedBytes;
    if (isFailed) batch.failed += 1;
    if (hasRoom(buffer, isFailed)) batch.kept.push({ ...exchange, position: batch.exchanges });
    this.#schedule();
  }

  /** Writes what is buffered, after what is being written; what cannot be written waits for the next time. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Writes what is buffered of the run, as far as the store can be reached, and forgets the run. */
  end(runId: RunId): Promise<void> | undefined {
    return this.#buffers.has(runId) ? this.flush().then(() => void this.#buffers.delete(runId)) : undefined;
  }

  /** Writes the rest, as far as the store can be reached, and stops the timer. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#flushing;
    await this.flush();
  }

  async #write(): Promise<void> {
    const buffered = [...this.#buffers.values()].filter(({ batch }) => batch.exchanges > 0);
    if (buffered.length === 0) return;
    const taken = buffered.map(({ batch }) => ({ ...batch }));
    for (const { batch } of buffered) Object.assign(batch, { exchanges: 0, failed: 0, bytes: 0, kept: [] });
    try {
      await this.#store.appendExchanges(taken);
    } catch {
      for (const [index, { batch }] of buffered.entries()) putBefore(batch, taken[index]);
    }
  }

  #schedule(): void {
    if (this.#closed.signal.aborted) return;
    this.#flushing ??= this.#clock
      .sleep(flushEveryMs, this.#closed.signal)
      .then(() => this.flush())
      .finally(() => (this.#flushing = undefined));
  }
}

// The store decides over all attempts of the run; this one alone cannot have more.
function hasRoom(buffer: Buffer, isFailed: boolean): boolean {
  if (buffer.kept < maxKeptExchanges) {
    buffer.kept += 1;
    return true;
  }
  if (!isFailed || buffer.keptLate >= maxKeptExchanges) return false;
  buffer.keptLate += 1;
  return true;
}

function putBefore(batch: Buffer["batch"], earlier: ExchangeBatch | undefined): void {
  if (earlier === undefined) return;
  const moved = batch.kept.map((exchange) => ({ ...exchange, position: exchange.position + earlier.exchanges }));
  batch.kept = [...earlier.kept, ...moved];
  batch.exchanges += earlier.exchanges;
  batch.failed += earlier.failed;
  batch.bytes += earlier.bytes;
}
