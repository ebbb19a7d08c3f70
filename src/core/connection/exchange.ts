// One HTTP exchange as people see it: never a header and never a body, and an address without its secrets.

export interface Exchange {
  readonly method: string;
  /** Where the answer came from, or where the request went. Secrets in it are masked. */
  readonly address: string;
  /** Name of the connection that it went through; absent for a source with an address of its own. */
  readonly connection?: string;
  /** Part of a source that it belongs to, and the page of that part, from 1. */
  readonly unit?: string;
  readonly page?: number;
  /** Absent when no answer came. */
  readonly status?: number;
  /** Code of what went wrong on the way, also after the status came. */
  readonly error?: string;
  readonly startedAtMs: number;
  /** From the start to the last byte from the network. */
  readonly durationMs: number;
  /** Bytes of the body as they were received. */
  readonly receivedBytes: number;
  /** 0 for the first time, 1 when the same request is sent again, and so on. */
  readonly repeat: number;
}

/** Hears of exchanges when they are over. It neither waits nor throws. */
export interface ExchangeObserver {
  now(): number;
  note(exchange: Exchange): void;
}

/** Whether a person who looks for trouble wants to see it. */
export function isFailedExchange({ status, error }: Pick<Exchange, "status" | "error">): boolean {
  return error !== undefined || status === undefined || status >= 400;
}

/** An observer that knows more of the exchanges that it hears of; repetitions add up. */
export function labelExchanges(
  observer: ExchangeObserver | undefined,
  { repeat = 0, ...labels }: Partial<Pick<Exchange, "connection" | "unit" | "page" | "repeat">>,
): ExchangeObserver | undefined {
  return (
    observer && {
      now: () => observer.now(),
      note: (exchange) => observer.note({ ...labels, ...exchange, repeat: exchange.repeat + repeat }),
    }
  );
}
