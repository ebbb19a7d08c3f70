// Changes between processes through LISTEN and NOTIFY. A change is never the truth: it may be lost with a connection, so this
// only makes sure that a lost connection is noticed, replaced, and made up for by a change of every kind.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { ChangeEmitter } from "../rows/change-emitter.ts";
import type { StoreChange } from "../rows/change-emitter.ts";
import type { Database } from "./database.ts";
import { clientConfig, prepareSession, type StoreAddress } from "./session.ts";

export interface NotifierOptions {
  readonly db: Database;
  /** Most often that a process tells the others: each NOTIFY takes a lock of the whole server at its commit. */
  readonly coalesceMs?: number;
  /** How often the listening connection sends itself a word, to find out that the network swallows it. */
  readonly probeMs?: number;
}

/** Stores of one database do not wake each other. Shared with the SQL of `enqueue`. */
export function channelOf(schema: string): string {
  return schema;
}

const everyChange: readonly StoreChange[] = ["ready", "control", "schedule", "notice"];
const notifyText = "select pg_notify($1, $2)";
const longestRestMs = 5_000;
const callTimeoutMs = 10_000;

/**
 * Listeners of this process are called at once; other processes hear of it within `coalesceMs` of the commit.
 * `listening` while somebody subscribes: one connection, which comes back by itself.
 */
export class Notifier implements AsyncDisposable {
  readonly #db: Database;
  readonly #channel: string;
  readonly #coalesceMs: number;
  readonly #probeMs: number;
  readonly #local = new ChangeEmitter();
  /** Tells own words from those of others. */
  readonly #id = randomUUID().slice(0, 8);
  readonly #pending = new Set<StoreChange>();
  #sending: Promise<void> = Promise.resolve();
  #quietTimer: NodeJS.Timeout | undefined;
  #subscribers = 0;
  #connection: Listening | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isClosed = false;

  constructor({ db, coalesceMs = 15, probeMs = 5_000 }: NotifierOptions) {
    this.#db = db;
    this.#channel = channelOf(db.address.schema);
    this.#coalesceMs = coalesceMs;
    this.#probeMs = probeMs;
  }

  /** Adds a listener that hears every change; no connection is kept for it. */
  observe(listener: (change: StoreChange) => void): void {
    this.#local.subscribe(listener);
  }

  /** Call after the commit: what the others then look for must be there. */
  announce(change: StoreChange): void {
    this.#local.emit(change);
    this.#pending.add(change);
    // The first goes out at once, what follows closely goes out together.
    if (this.#quietTimer === undefined) this.#send();
  }

  subscribe(listener: (change: StoreChange) => void): Disposable {
    const subscription = this.#local.subscribe(listener);
    this.#subscribers += 1;
    this.#listen();
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        subscription[Symbol.dispose]();
        this.#subscribers -= 1;
        if (this.#subscribers === 0) void this.#hangUp();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#subscribers = 0;
    const connection = this.#hangUp();
    clearTimeout(this.#quietTimer);
    this.#quietTimer = undefined;
    if (this.#pending.size > 0) this.#send();
    clearTimeout(this.#quietTimer);
    await Promise.all([this.#sending, connection]);
  }

  #send(): void {
    const changes = [...this.#pending].join(",");
    this.#pending.clear();
    this.#quietTimer = setTimeout(() => {
      this.#quietTimer = undefined;
      if (this.#pending.size > 0) this.#send();
    }, this.#coalesceMs);
    this.#quietTimer.unref();
    // A change that cannot be sent is made up for by the polls of the others.
    this.#sending = this.#db
      .query({ name: "notify", text: notifyText }, [this.#channel, `${this.#id} ${changes}`])
      .then(
        () => {},
        () => {},
      );
  }

  #listen(): void {
    if (this.#isClosed || this.#connection !== undefined || this.#reconnectTimer !== undefined) return;
    const connection = new Listening(this.#db.address, this.#probeMs, {
      onUp: () => {
        // What was said while nobody listened is unknown.
        if (this.#failures > 0) for (const change of everyChange) this.#local.emit(change);
        this.#failures = 0;
      },
      onWord: (word) => this.#hear(word),
      onDown: () => this.#reconnect(connection),
    });
    this.#connection = connection;
  }

  #hear(word: string): void {
    const [from, changes = ""] = word.split(" ");
    if (from === this.#id) return;
    for (const change of everyChange) {
      if (changes.split(",").includes(change)) this.#local.emit(change);
    }
  }

  #reconnect(lost: Listening): void {
    if (this.#connection !== lost) return;
    this.#connection = undefined;
    this.#failures += 1;
    const restMs = Math.min(longestRestMs, 50 * 2 ** Math.min(this.#failures, 10)) * (0.5 + Math.random() / 2);
    this.#reconnectTimer = setTimeout(() => {
      this.#reconnectTimer = undefined;
      this.#listen();
    }, restMs);
    this.#reconnectTimer.unref();
  }

  #hangUp(): Promise<void> {
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    return connection?.close() ?? Promise.resolve();
  }
}

interface ListeningEvents {
  readonly onUp: () => void;
  readonly onWord: (word: string) => void;
  /** Once, for whatever reason, unless it was closed. */
  readonly onDown: () => void;
}

/** One connection's life: up, probed, down. */
class Listening {
  readonly #client: pg.Client;
  readonly #events: ListeningEvents;
  readonly #probeMs: number;
  readonly #address: StoreAddress;
  readonly #up: Promise<void>;
  #probeTimer: NodeJS.Timeout | undefined;
  #isDown = false;
  #heardSinceProbe = true;

  constructor(address: StoreAddress, probeMs: number, events: ListeningEvents) {
    this.#events = events;
    this.#probeMs = probeMs;
    this.#address = address;
    this.#client = new pg.Client({ ...clientConfig(address.url, callTimeoutMs), application_name: "millrace-listen" });
    this.#client.on("error", () => this.#fall());
    this.#client.on("end", () => this.#fall());
    this.#client.on("notification", ({ payload = "" }) => {
      this.#heardSinceProbe = true;
      events.onWord(payload);
    });
    this.#up = this.#start();
  }

  async close(): Promise<void> {
    const wasDown = this.#isDown;
    this.#isDown = true;
    clearTimeout(this.#probeTimer);
    await this.#up;
    if (!wasDown) await this.#client.end().catch(() => {});
  }

  async #start(): Promise<void> {
    try {
      await this.#client.connect();
      await prepareSession(this.#client, { address: this.#address, callTimeoutMs });
      await this.#client.query(`listen ${channelOf(this.#address.schema)}`);
      // Waiting for words must not keep a process alive that is done.
      unrefSocket(this.#client);
      if (this.#isDown) return;
      this.#events.onUp();
      this.#probe();
    } catch {
      this.#fall();
    }
  }

  // A socket whose other end vanished swallows what is sent: only an answer proves that it works.
  #probe(): void {
    if (this.#isDown) return;
    if (!this.#heardSinceProbe) {
      this.#fall();
      return;
    }
    this.#heardSinceProbe = false;
    this.#client.query(notifyText, [channelOf(this.#address.schema), "probe"]).catch(() => this.#fall());
    this.#probeTimer = setTimeout(() => this.#probe(), this.#probeMs);
    this.#probeTimer.unref();
  }

  #fall(): void {
    if (this.#isDown) return;
    this.#isDown = true;
    clearTimeout(this.#probeTimer);
    destroySocket(this.#client);
    this.#events.onDown();
  }
}

// The driver has the socket, but does not say so in its types.
function socketOf(client: pg.Client): { unref(): void; destroy(): void } {
  return (client as unknown as { connection: { stream: { unref(): void; destroy(): void } } }).connection.stream;
}

function unrefSocket(client: pg.Client): void {
  socketOf(client).unref();
}

function destroySocket(client: pg.Client): void {
  socketOf(client).destroy();
}
