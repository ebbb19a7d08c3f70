// Follows the events of a server from a browser or from Node: connects again when the connection is lost and goes on where it
// was, so that each event is given on exactly once and in order per run. No dependencies.
import type { ClientMessage, ServerMessage, Topic } from "../api/event-message.ts";
import { StreamCursor } from "./stream-cursor.ts";

export interface EventStreamOptions {
  /** Address of the events: `ws:`, `wss:`, `http:` or `https:`; in a browser a path is enough. */
  readonly url: string;
  readonly topics?: readonly Topic[];
  /** Position to begin at, instead of now. */
  readonly since?: string;
  /** Whether each topic begins with a snapshot; default true. There is none when it goes on after a break. */
  readonly snapshot?: boolean;
  /** Each message once; events of one run in order of `seq`. */
  readonly onMessage: (message: ServerMessage) => void;
  readonly onState?: (state: EventStreamState) => void;
  /**
   * A ticket for one connection, asked for before each. `undefined` ends the stream as `refused`; what it throws counts as a
   * lost connection. Left out: the connection needs none, since a cookie or the address speaks for it.
   */
  readonly ticket?: () => Promise<string | undefined>;
  /** Closes it. */
  readonly signal?: AbortSignal;
}

export type EventStreamState =
  | { readonly name: "connecting" }
  | { readonly name: "open" }
  /** Not connected; the next attempt comes at `retryAtMs`, or as soon as the network is back. */
  | { readonly name: "waiting"; readonly retryAtMs: number }
  | { readonly name: "refused" }
  | { readonly name: "closed" };

export interface EventStream {
  readonly state: EventStreamState;
  /** Follows a topic, too; without effect when it is followed already. */
  subscribe(topic: Topic, options?: { readonly since?: string; readonly snapshot?: boolean }): void;
  unsubscribe(topic: Topic): void;
  /** Ends it for good. Nothing is called afterwards. */
  close(): void;
}

const firstRetryMs = 500;
const longestRetryMs = 15_000;
/** After that long without a word the server is asked for one. */
const quietMs = 20_000;
/** After that long without a word the connection is given up. */
const silentMs = 35_000;

/** Begins at once. The caller closes it. */
export function connectEventStream(options: EventStreamOptions): EventStream {
  return new Connection(options);
}

class Connection implements EventStream {
  readonly #options: EventStreamOptions;
  readonly #cursor = new StreamCursor();
  readonly #snapshots = new Map<Topic, boolean>();
  readonly #surroundings: Surroundings;
  #state: EventStreamState = { name: "connecting" };
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #heardAtMs = 0;
  readonly #onAbort = (): void => this.close();

  constructor(options: EventStreamOptions) {
    this.#options = options;
    for (const topic of options.topics ?? []) this.#add(topic, options.since, options.snapshot);
    this.#surroundings = watchSurroundings(() => this.#wake());
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal?.aborted === true) this.close();
    else void this.#connect();
  }

  get state(): EventStreamState {
    return this.#state;
  }

  subscribe(topic: Topic, { since, snapshot }: { readonly since?: string; readonly snapshot?: boolean } = {}): void {
    if (this.#cursor.topics.includes(topic)) return;
    this.#add(topic, since, snapshot ?? this.#options.snapshot);
    this.#sendSubscribe(topic);
  }

  unsubscribe(topic: Topic): void {
    this.#cursor.remove(topic);
    this.#snapshots.delete(topic);
    this.#send({ type: "unsubscribe", topic });
  }

  close(): void {
    this.#end("closed");
  }

  #add(topic: Topic, since: string | undefined, snapshot: boolean | undefined): void {
    this.#cursor.add(topic, since);
    this.#snapshots.set(topic, snapshot ?? since === undefined);
  }

  async #connect(): Promise<void> {
    this.#move({ name: "connecting" });
    let ticket: string | undefined;
    try {
      ticket = await this.#options.ticket?.();
    } catch {
      if (!this.#isOver()) this.#retry();
      return;
    }
    if (this.#isOver()) return;
    if (ticket === undefined && this.#options.ticket !== undefined) {
      this.#end("refused");
      return;
    }
    this.#open(toAddress(this.#options.url, ticket));
  }

  #open(address: string): void {
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#heardAtMs = Date.now();
    this.#cursor.reconnect();
    // A server that never answers the handshake is silent, too.
    this.#listen(silentMs);
    socket.addEventListener("open", () => {
      if (this.#socket !== socket) return;
      this.#move({ name: "open" });
      for (const topic of this.#cursor.topics) this.#sendSubscribe(topic);
      this.#listen(quietMs);
    });
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket && typeof data === "string") this.#receive(data);
    });
    // An error is always followed by a close.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.#lose();
    });
  }

  #receive(text: string): void {
    this.#heardAtMs = Date.now();
    this.#failures = 0;
    // The server is the one that the caller chose, and keeps the contract.
    const parsed = JSON.parse(text) as ServerMessage | readonly ServerMessage[];
    const messages = isList(parsed) ? parsed : [parsed];
    for (const message of messages) {
      if (this.#isOver()) return;
      if (message.type === "subscribed") this.#snapshots.set(message.topic, false);
      if (this.#cursor.accept(message)) this.#options.onMessage(message);
    }
  }

  #sendSubscribe(topic: Topic): void {
    const since = this.#cursor.resumeAt(topic);
    const snapshot = this.#snapshots.get(topic) ?? false;
    this.#send({
      type: "subscribe",
      topic,
      batch: true,
      snapshot,
      ...(since === undefined ? {} : { sinceSeq: since }),
    });
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  // Asks for a sign of life after a while of silence, and gives the connection up when none comes.
  #listen(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const silenceMs = Date.now() - this.#heardAtMs;
      if (silenceMs >= silentMs) this.#lose();
      else {
        if (silenceMs >= quietMs) this.#send({ type: "ping" });
        this.#listen(silenceMs >= quietMs ? silentMs - silenceMs : quietMs - silenceMs);
      }
    }, afterMs);
  }

  // The network is back or somebody looks again: no need to wait, and no reason to believe in an old connection.
  #wake(): void {
    if (this.#state.name === "waiting") {
      this.#failures = 0;
      clearTimeout(this.#timer);
      void this.#connect();
    } else if (this.#state.name === "open") {
      this.#send({ type: "ping" });
      this.#heardAtMs = Math.min(this.#heardAtMs, Date.now() - quietMs);
      this.#listen(silentMs - quietMs);
    }
  }

  #lose(): void {
    this.#drop();
    if (!this.#isOver()) this.#retry();
  }

  // Half of the wait is random, so that the clients of a server that comes back do not come all at once.
  #retry(): void {
    const longestMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures, 10));
    const waitMs = longestMs * (0.5 + Math.random() / 2);
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), waitMs);
    this.#move({ name: "waiting", retryAtMs: Date.now() + waitMs });
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #end(name: "refused" | "closed"): void {
    if (this.#isOver()) return;
    this.#drop();
    this.#surroundings.forget();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#move({ name });
  }

  #isOver(): boolean {
    return this.#state.name === "closed" || this.#state.name === "refused";
  }

  #move(state: EventStreamState): void {
    this.#state = state;
    if (state.name !== "closed") this.#options.onState?.(state);
  }
}

interface Surroundings {
  readonly forget: () => void;
}

/** What a browser has and Node has not. */
interface Page {
  readonly Date: DateConstructor;
  readonly document?: Listenable & { readonly visibilityState?: string };
  readonly addEventListener?: Listenable["addEventListener"];
  readonly removeEventListener?: Listenable["removeEventListener"];
  readonly location?: { readonly href: string };
}

interface Listenable {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

// Browsers hold timers back in pages that nobody looks at, and know when the network is back.
function watchSurroundings(wake: () => void): Surroundings {
  const page: Page = globalThis;
  const look = (): void => {
    if (page.document?.visibilityState === "visible") wake();
  };
  page.document?.addEventListener("visibilitychange", look);
  page.addEventListener?.("online", wake);
  return {
    forget: () => {
      page.document?.removeEventListener("visibilitychange", look);
      page.removeEventListener?.("online", wake);
    },
  };
}

function toAddress(url: string, ticket: string | undefined): string {
  const page: Page = globalThis;
  const address = new URL(url, page.location?.href);
  address.protocol = address.protocol.replace(/^http/, "ws");
  if (ticket !== undefined) address.searchParams.set("ticket", ticket);
  return address.href;
}

function isList(parsed: ServerMessage | readonly ServerMessage[]): parsed is readonly ServerMessage[] {
  return Array.isArray(parsed);
}
