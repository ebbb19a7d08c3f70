// Defines how all workers share the token of a credential: sealed, with one worker at a time that renews it.

export interface StoredCredential {
  /** 0 before the first one was saved; each save makes the next. */
  readonly version: number;
  /** Encrypted; `undefined` before the first one was saved. */
  readonly sealed: string | undefined;
  /** On the store's clock, so that workers whose clocks differ agree. `undefined`: nobody knows. Negative: expired. */
  readonly expiresInMs: number | undefined;
}

export interface CredentialSave {
  readonly name: string;
  readonly holder: string;
  /** What the holder read when it took the credential. */
  readonly seenVersion: number;
  readonly sealed: string;
  readonly lifetimeMs: number | undefined;
}

export interface CredentialStore {
  findCredential(name: string): Promise<StoredCredential>;
  /**
   * Makes `holder` the one that renews the credential, for that long; whoever holds it already may take it again.
   * @returns the credential as it is, or `undefined` while another one holds it
   */
  takeCredential(name: string, holder: string, holdMs: number): Promise<StoredCredential | undefined>;
  /**
   * Durable when it resolves, and the credential is free again. @returns false, and nothing is written, when somebody else has
   * saved or taken it since
   */
  saveCredential(save: CredentialSave): Promise<boolean>;
  /** Frees what was taken and not saved. */
  releaseCredential(name: string, holder: string): Promise<void>;
}
