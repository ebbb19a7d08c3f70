// Entries of a store that were looked at or changed lately. Changes of a transaction wait here, so that an entry which many events
// change is written once. Memory is bounded by entries and by characters, except for what waits to be written.

/** What is known of a key. */
export interface KnownEntry {
  readonly key: string;
  /** JSON; undefined where there is no entry. */
  text: string | undefined;
  isChanged: boolean;
}

/** Forgets the half that was not used lately when it is full. */
export class EntryCache {
  #recent = new Map<string, KnownEntry>();
  #older = new Map<string, KnownEntry>();
  #changes: KnownEntry[] = [];
  /** Of what came into `#recent`. */
  #characters = 0;

  get(key: string): KnownEntry | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const older = this.#older.get(key);
    if (older !== undefined) this.#keep(older);
    return older;
  }

  /** What was read from the file. */
  note(key: string, text: string | undefined): void {
    this.#keep({ key, text, isChanged: false });
    if (this.#changes.length === 0) this.#turnOver();
  }

  /** A change, which `takeChanges` gives once. */
  put(key: string, text: string | undefined): void {
    let entry = this.get(key);
    if (entry === undefined) {
      entry = { key, text, isChanged: false };
      this.#keep(entry);
    } else {
      entry.text = text;
      this.#characters += text?.length ?? 0;
    }
    if (entry.isChanged) return;
    entry.isChanged = true;
    this.#changes.push(entry);
  }

  /** What has to be written, each key once; it is taken for written from then on. */
  takeChanges(): readonly KnownEntry[] {
    const taken = this.#changes;
    for (const entry of taken) entry.isChanged = false;
    this.#changes = [];
    this.#turnOver();
    return taken;
  }

  clear(): void {
    this.#recent.clear();
    this.#older.clear();
    this.#changes = [];
    this.#characters = 0;
  }

  #keep(entry: KnownEntry): void {
    this.#recent.set(entry.key, entry);
    this.#characters += entry.key.length + (entry.text?.length ?? 0);
  }

  /** Only when nothing waits: what changes must be found. */
  #turnOver(): void {
    if (this.#recent.size < maxEntries && this.#characters < maxCharacters) return;
    this.#characters = 0;
    this.#older = this.#recent;
    this.#recent = new Map();
  }
}

/** Of each half. */
const maxEntries = 100_000;
const maxCharacters = 16_000_000;
