// What was asked of a service in a run, for people who look at it later: totals, and the first and last exchanges. It stays small however
// many there were.
import type { LoggedExchange, RequestsSent } from "../../../core/dataset/source.ts";

const firstKept = 20;
const lastKept = 30;

export class ExchangeLog {
  readonly #first: LoggedExchange[] = [];
  readonly #last: LoggedExchange[] = [];
  readonly #statuses = new Map<string, number>();
  #count = 0;
  #bytes = 0;

  note(exchange: LoggedExchange): void {
    const status = exchange.status === null ? "none" : String(exchange.status);
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#count += 1;
    this.#bytes += exchange.bytes;
    if (this.#first.length < firstKept) this.#first.push(exchange);
    else this.#last.push(exchange);
    if (this.#last.length > lastKept) this.#last.shift();
  }

  /** `undefined` when nothing was asked. */
  summary(): RequestsSent | undefined {
    if (this.#count === 0) return undefined;
    const exchanges = [...this.#first, ...this.#last];
    return {
      requests: this.#count,
      bytes: this.#bytes,
      statuses: Object.fromEntries(this.#statuses),
      left_out: this.#count - exchanges.length,
      exchanges,
    };
  }
}
