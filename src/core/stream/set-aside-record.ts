// Records that could not be handled, as they are kept: their bytes, where they lay, and why.

/** The bytes of a record that could not be handled, encoded as a block of one. */
export interface SetAsideRecord {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  /** As people read it: text, or base64 where it is none; at most 200 characters. */
  readonly keyText: string | null;
  readonly payload: Uint8Array;
  readonly attempts: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** What its value names of the payload store. Default: nothing. */
  readonly hashes?: readonly string[];
}

export interface NewDeadLetter extends SetAsideRecord {
  /** Fingerprint of the code that failed. */
  readonly code: string;
}
