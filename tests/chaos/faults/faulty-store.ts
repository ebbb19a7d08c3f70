// Defines the store of a chaos run: how its processes reach it, how its auditor reads it, and the faults that it can
// have.
import type { StoreReader } from "../store-contents.ts";
import type { ChaosStoreOptions } from "../programs/program-options.ts";
import type { Random } from "./random.ts";

/** A fault of the store or of the way to it. */
export interface StoreFault {
  /** How many there are for each 1,000 kills; 0: only in plans of their own. */
  readonly perThousand: number;
  /** Nobody can work while it lasts. */
  readonly stalls?: true;
  /**
   * It is over when the promise resolves.
   * @param countTroubles how often processes have met trouble with a code so far
   */
  inflict(random: Random, countTroubles: (code: string) => number): Promise<void>;
}

export interface FaultyStore extends AsyncDisposable {
  readonly dialect: ChaosStoreOptions["dialect"];
  /** For the processes of the run. */
  readonly store: ChaosStoreOptions;
  /** For the auditor: no fault is between it and the store. */
  readonly direct: ChaosStoreOptions;
  readonly reader: StoreReader;
  /** Version of the database. */
  readonly version: string;
  /** By name. */
  readonly faults: Readonly<Record<string, StoreFault>>;
  /** What the faults did beyond their number, such as the answers that got lost. */
  counts(): Readonly<Record<string, number>>;
  /** Ends whatever is still wrong. */
  heal(): Promise<void>;
}
