// The SQLite file of a local store: entries, and how far each partition is applied. Both change in one transaction, so that what
// is in the file is always the topic folded up to its positions, wherever its process ended.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { EntryCache } from "./entry-cache.ts";
import { toLocalStoreError } from "./local-store-error.ts";

/** What a file was made from; a file of another identity is of no use to a store. */
export interface StateIdentity {
  readonly store: string;
  readonly topicId: string;
  /** Fingerprint of the code that has folded it. */
  readonly code: string;
}

/** How far a partition is applied. */
export interface AppliedPosition {
  readonly partition: number;
  /** Of the next record to apply. */
  readonly offset: number;
  /** The greatest time of a record so far; undefined before the first. */
  readonly timeMs: number | undefined;
}

/** An entry as it is kept: its value is JSON. */
export interface StoredEntry {
  readonly key: string;
  readonly text: string;
}

/** Changes entries within a transaction. */
export interface EntryWriter {
  get(key: string): string | undefined;
  /** `undefined` deletes. */
  put(key: string, text: string | undefined): void;
  list(prefix: string, after: string | undefined): readonly StoredEntry[];
}

/** What moves with a transaction besides the entries. */
export interface AppliedMove {
  readonly positions: readonly AppliedPosition[];
  /** When the topic was looked at whose end is reached with it. */
  readonly caughtUpAtMs?: number;
}

/**
 * One connection, which has the file alone. Calls are synchronous: whoever looks sees the state between two transactions.
 * @throws MillraceError `LOCAL_STORE_FAILED` | `DISK_FULL` everywhere
 */
export class StateFile implements Disposable {
  readonly path: string;
  readonly identity: StateIdentity;
  readonly #database: DatabaseSync;
  readonly #cache = new EntryCache();
  readonly #statements: Statements;
  #positions: ReadonlyMap<number, AppliedPosition>;
  #caughtUpAtMs: number | undefined;

  private constructor(path: string, database: DatabaseSync, identity: StateIdentity) {
    this.path = path;
    this.identity = identity;
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#positions = readPositions(database);
    this.#caughtUpAtMs = readNumber(database, "caught_up_at");
  }

  /** Makes a file of that identity, empty, or opens one; `undefined` for a file of another one, or of another version of Millrace. */
  static open(path: string, identity: StateIdentity | "any"): StateFile | undefined {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path);
      database.exec(pragmas);
      const found = readIdentity(database) ?? makeTables(database, identity);
      if (found !== undefined && (identity === "any" || isSame(found, identity)))
        return new StateFile(path, database, found);
      database.close();
      return undefined;
    } catch (thrown) {
      database?.close();
      throw toLocalStoreError(thrown, path);
    }
  }

  get positions(): ReadonlyMap<number, AppliedPosition> {
    return this.#positions;
  }

  /** When the topic was looked at whose end it has reached last; undefined: it has never held all of its topic. */
  get caughtUpAtMs(): number | undefined {
    return this.#caughtUpAtMs;
  }

  /** The connection, for a copy of the file while it is in use. */
  get database(): DatabaseSync {
    return this.#database;
  }

  get(key: string): string | undefined {
    return this.#guard(() => this.#read(key));
  }

  /** Up to a page of entries whose keys begin with `prefix`, by key, those after `after`. */
  list(prefix: string, after: string | undefined): readonly StoredEntry[] {
    return this.#guard(() => this.#page(prefix, after));
  }

  /** Entries and positions, or nothing: what `work` throws leaves the file as it was. */
  apply(move: AppliedMove, work: (entries: EntryWriter) => void): void {
    this.#guard(() => {
      this.#database.exec("begin immediate");
      try {
        work({
          get: (key) => this.#read(key),
          put: (key, text) => this.#cache.put(key, text),
          list: (prefix, after) => {
            this.#flush();
            return this.#page(prefix, after);
          },
        });
        this.#flush();
        for (const { partition, offset, timeMs } of move.positions) {
          this.#statements.move.run(partition, offset, timeMs ?? null);
        }
        if (move.caughtUpAtMs !== undefined) this.#statements.note.run("caught_up_at", String(move.caughtUpAtMs));
        this.#database.exec("commit");
      } catch (thrown) {
        this.#cache.clear();
        if (this.#database.isTransaction) this.#database.exec("rollback");
        throw thrown;
      }
      this.#moved(move);
    });
  }

  /** Of the file, without what is in its log. */
  get bytes(): number {
    const read = (pragma: string): number => Number(this.#database.prepare(`pragma ${pragma}`).get()?.[pragma]);
    return this.#guard(() => read("page_count") * read("page_size"));
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #moved({ positions, caughtUpAtMs }: AppliedMove): void {
    const moved = new Map(this.#positions);
    for (const position of positions) moved.set(position.partition, position);
    this.#positions = moved;
    this.#caughtUpAtMs = caughtUpAtMs ?? this.#caughtUpAtMs;
  }

  #read(key: string): string | undefined {
    const known = this.#cache.get(key);
    if (known !== undefined) return known.text;
    const row = this.#statements.get.get(key) as { value: string } | undefined;
    this.#cache.note(key, row?.value);
    return row?.value;
  }

  #page(prefix: string, after: string | undefined): readonly StoredEntry[] {
    const rows = this.#statements.list.all(prefix, `${prefix}${lastCharacter}`, after ?? null);
    return rows as unknown as readonly StoredEntry[];
  }

  #flush(): void {
    for (const { key, text } of this.#cache.takeChanges()) {
      if (text === undefined) this.#statements.delete.run(key);
      else this.#statements.put.run(key, text);
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw toLocalStoreError(thrown, this.path);
    }
  }
}

interface Statements {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly delete: StatementSync;
  readonly list: StatementSync;
  readonly move: StatementSync;
  readonly note: StatementSync;
}

/** Sorts behind whatever a key can go on with. */
const lastCharacter = "\u{10FFFF}";

/** Another number makes files of other versions be made anew. */
const format = 1;

// With the file alone there is no shared memory beside it. FULL: what is committed survives a loss of power.
const pragmas = `
  pragma locking_mode = exclusive;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma temp_store = memory;
  pragma cache_size = -64000;
  pragma journal_size_limit = 67108864;
`;

function prepareStatements(database: DatabaseSync): Statements {
  return {
    get: database.prepare("select value from entry where key = ?"),
    put: database.prepare(
      "insert into entry (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
    ),
    delete: database.prepare("delete from entry where key = ?"),
    list: database.prepare(
      `select key, value as text from entry where key >= ?1 and key < ?2 and (?3 is null or key > ?3) order by key limit 500`,
    ),
    move: database.prepare("insert or replace into position (partition, next_offset, time_ms) values (?, ?, ?)"),
    note: database.prepare("insert or replace into note (name, value) values (?, ?)"),
  };
}

function makeTables(database: DatabaseSync, identity: StateIdentity | "any"): StateIdentity | undefined {
  const isEmpty = database.prepare("select 1 from sqlite_master limit 1").get() === undefined;
  if (identity === "any" || !isEmpty) return undefined;
  database.exec(`
    begin immediate;
    create table entry (key text primary key, value text not null) without rowid;
    create table position (partition integer primary key, next_offset integer not null, time_ms integer);
    create table note (name text primary key, value text not null) without rowid;
  `);
  const note = database.prepare("insert into note (name, value) values (?, ?)");
  note.run("format", String(format));
  note.run("store", identity.store);
  note.run("topic_id", identity.topicId);
  note.run("code", identity.code);
  database.exec("commit");
  return identity;
}

function readIdentity(database: DatabaseSync): StateIdentity | undefined {
  if (database.prepare("select 1 from sqlite_master where name = 'note'").get() === undefined) return undefined;
  if (readNumber(database, "format") !== format) return undefined;
  const [store, topicId, code] = ["store", "topic_id", "code"].map((name) => readNote(database, name));
  return store === undefined || topicId === undefined || code === undefined ? undefined : { store, topicId, code };
}

function readPositions(database: DatabaseSync): ReadonlyMap<number, AppliedPosition> {
  const rows = database.prepare("select partition, next_offset as position, time_ms as time from position").all();
  return new Map(
    rows.map(({ partition, position, time }) => [
      Number(partition),
      { partition: Number(partition), offset: Number(position), timeMs: time === null ? undefined : Number(time) },
    ]),
  );
}

function readNumber(database: DatabaseSync, name: string): number | undefined {
  const text = readNote(database, name);
  return text === undefined ? undefined : Number(text);
}

function readNote(database: DatabaseSync, name: string): string | undefined {
  const value = database.prepare("select value from note where name = ?").get(name)?.["value"];
  return typeof value === "string" ? value : undefined;
}

function isSame(one: StateIdentity, other: StateIdentity): boolean {
  return one.store === other.store && one.topicId === other.topicId && one.code === other.code;
}
