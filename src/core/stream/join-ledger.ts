// What the store keeps of joins: for each key what has come of it, until the rest comes or its time is over. Only who holds the
// partition writes to them, in the transaction of its offsets.

/**
 * `open`: waits for more inputs. `failed`: all have come, the handler failed and is tried again. `emitted`: is handled; it stays so
 * that inputs that come late are known as such.
 */
export type JoinState = "open" | "failed" | "emitted";

/** A key of a join. */
export interface JoinRow {
  readonly key: string;
  readonly state: JoinState;
  /** Bit for bit which inputs have come, in the order of their definition. */
  readonly inputs: number;
  /** When the first input happened: its own time, and never one in the future. */
  readonly firstTimeMs: number;
  /** When it expires, is tried again, or is forgotten. */
  readonly dueAtMs: number;
  /** Of the handler. */
  readonly attempts: number;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  /** The records that have come, as a block; null where they are not needed any more. */
  readonly payload: Uint8Array | null;
}

/** Part of a delivery. */
export interface JoinDelivery {
  /** Each key once; it takes the place of what is there. */
  readonly writes: readonly JoinWrite[];
  /** Keys that are forgotten. */
  readonly removals: readonly { readonly partition: number; readonly key: string }[];
}

export interface JoinWrite extends JoinRow {
  readonly partition: number;
  /** Payloads that its records name, see `findPayloadHashes`. */
  readonly hashes: readonly string[];
}

/** What the holder of a partition asks. */
export interface JoinLedger {
  /** Those of the keys that are there. */
  readJoins(query: {
    readonly group: string;
    readonly partition: number;
    readonly keys: readonly string[];
  }): Promise<readonly JoinRow[]>;
  /** Keys whose time has come, first those that are due for longest. */
  listDueJoins(query: {
    readonly group: string;
    readonly partition: number;
    readonly state: JoinState;
    readonly dueByMs: number;
    readonly limit: number;
  }): Promise<readonly JoinRow[]>;
  /** How many keys a partition has, and when the next is due. */
  measureJoins(query: { readonly group: string; readonly partition: number }): Promise<readonly JoinMeasure[]>;
}

/** Of one state. */
export interface JoinMeasure {
  readonly partition: number;
  readonly state: JoinState;
  readonly keys: number;
  readonly bytes: number;
  readonly nextDueAtMs: number;
  /** When the first input of the oldest key happened. */
  readonly oldestTimeMs: number;
}
