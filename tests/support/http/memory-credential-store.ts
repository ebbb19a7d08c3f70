// The contract of credential stores in memory, for tests of what uses one.
import type {
  CredentialSave,
  CredentialStore,
  StoredCredential,
} from "../../../src/core/connection/credential-store.ts";

interface Row {
  version: number;
  sealed: string | undefined;
  expiresAtMs: number | undefined;
  holder: string | undefined;
  heldUntilMs: number;
}

export class MemoryCredentialStore implements CredentialStore {
  readonly #rows = new Map<string, Row>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  findCredential(name: string): Promise<StoredCredential> {
    return Promise.resolve(this.#toStored(this.#row(name)));
  }

  takeCredential(name: string, holder: string, holdMs: number): Promise<StoredCredential | undefined> {
    const row = this.#row(name);
    if (row.holder !== undefined && row.holder !== holder && row.heldUntilMs > this.#now())
      return Promise.resolve(undefined);
    Object.assign(row, { holder, heldUntilMs: this.#now() + holdMs });
    return Promise.resolve(this.#toStored(row));
  }

  saveCredential({ name, holder, seenVersion, sealed, lifetimeMs }: CredentialSave): Promise<boolean> {
    const row = this.#row(name);
    if (row.holder !== holder || row.version !== seenVersion) return Promise.resolve(false);
    const expiresAtMs = lifetimeMs === undefined ? undefined : this.#now() + lifetimeMs;
    Object.assign(row, { version: seenVersion + 1, sealed, expiresAtMs, holder: undefined });
    return Promise.resolve(true);
  }

  releaseCredential(name: string, holder: string): Promise<void> {
    const row = this.#row(name);
    if (row.holder === holder) row.holder = undefined;
    return Promise.resolve();
  }

  #row(name: string): Row {
    const row = this.#rows.get(name) ?? {
      version: 0,
      sealed: undefined,
      expiresAtMs: undefined,
      holder: undefined,
      heldUntilMs: 0,
    };
    this.#rows.set(name, row);
    return row;
  }

  #toStored({ version, sealed, expiresAtMs }: Row): StoredCredential {
    return { version, sealed, expiresInMs: expiresAtMs === undefined ? undefined : expiresAtMs - this.#now() };
  }
}

/** The store as a process sees it that dies at its n-th call, from 1: that call does its work, and nobody hears of it. */
export function dyingAt(store: CredentialStore, call: number): CredentialStore {
  let calls = 0;
  const die = async <T>(work: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls > call) return await new Promise<never>(() => undefined);
    const result = await work();
    return calls === call ? await new Promise<never>(() => undefined) : result;
  };
  return {
    findCredential: (name) => die(() => store.findCredential(name)),
    takeCredential: (name, holder, holdMs) => die(() => store.takeCredential(name, holder, holdMs)),
    saveCredential: (save) => die(() => store.saveCredential(save)),
    releaseCredential: (name, holder) => die(() => store.releaseCredential(name, holder)),
  };
}
