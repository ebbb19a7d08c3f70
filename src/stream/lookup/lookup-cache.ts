// What a look-up has answered, for as long as it may be used. A bound on the keys holds memory; the key that was not used for longest
// goes first.

interface Remembered<Value> {
  /** Undefined: the key has none. */
  readonly value: Value | undefined;
  readonly atMs: number;
}

export interface LookupCacheOptions {
  readonly maxKeys: number;
  readonly ttlMs: number;
  readonly negativeTtlMs: number;
  readonly now: () => number;
}

/** Answers by key. */
export class LookupCache<Key, Value> {
  readonly #options: LookupCacheOptions;
  readonly #answers = new Map<Key, Remembered<Value>>();

  constructor(options: LookupCacheOptions) {
    this.#options = options;
  }

  /** The answer, which may be that the key has no value; undefined: it has to be asked for. */
  find(key: Key): { readonly value: Value | undefined } | undefined {
    const found = this.#answers.get(key);
    if (found === undefined) return undefined;
    this.#answers.delete(key);
    if (!this.#isFresh(found)) return undefined;
    this.#answers.set(key, found);
    return found;
  }

  remember(key: Key, value: Value | undefined): void {
    const answer = { value, atMs: this.#options.now() };
    this.#answers.delete(key);
    if (!this.#isFresh(answer)) return; // nothing is to be remembered
    this.#answers.set(key, answer);
    if (this.#answers.size <= this.#options.maxKeys) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      break;
    }
  }

  // A clock that was put back makes nothing fresh.
  #isFresh({ value, atMs }: Remembered<Value>): boolean {
    const ageMs = this.#options.now() - atMs;
    return ageMs >= 0 && ageMs < (value === undefined ? this.#options.negativeTtlMs : this.#options.ttlMs);
  }
}
