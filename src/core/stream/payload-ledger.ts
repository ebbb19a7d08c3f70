// What the store keeps of the payload store: which payloads there are, when somebody last needed each, and what refers to them. A
// payload that a record refers to is never removed, and one that is being removed is never handed out as there.

/** A payload by name. */
export interface PayloadEntry {
  readonly sha256: string;
  readonly bytes: number;
}

/** A payload that is needed. Without its length it is noted only where it is known: values may have other things called `sha256`. */
export interface TouchedPayload {
  readonly sha256: string;
  readonly bytes?: number;
}

/** Who puts payloads there asks this before, and before every append of a record that names them. */
export interface PayloadLedger {
  /**
   * Notes that payloads are needed from now on: the collector leaves them alone for its grace, in which the record that names them
   * has to be appended.
   * @returns hashes of those that the collector is removing just now, which are not noted: to be asked again a little later
   */
  touchPayloads(payloads: readonly TouchedPayload[]): Promise<readonly string[]>;
}

/** A page of the payloads, by hash. */
export interface PayloadSweepPage {
  /** Where the next page begins; undefined: it was the last one. */
  readonly next: string | undefined;
  /** How many it looked at. */
  readonly seen: number;
  /** Marked as being removed, until `endPayloadRemoval`. */
  readonly removing: readonly PayloadEntry[];
}

/** What the collector does. */
export interface PayloadSweep {
  /** Forgets the references of blocks, dead letters and the like that are gone. @returns how many */
  dropPayloadReferences(): Promise<number>;
  /**
   * Marks payloads as being removed that nobody has needed for the grace and nothing refers to. A mark that is older than
   * `payloadRemovalMs` is that of a collector that died, and is given again.
   */
  beginPayloadRemoval(page: {
    readonly after: string;
    readonly graceMs: number;
    readonly limit: number;
  }): Promise<PayloadSweepPage>;
  /** Forgets payloads that are removed from the payload store. */
  endPayloadRemoval(hashes: readonly string[]): Promise<void>;
}

/** A removal that takes longer has died. */
export const payloadRemovalMs: number = 10 * 60_000;
