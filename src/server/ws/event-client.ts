// One connection: what it follows and how much of it has been sent. What is not read fast enough is not kept here: the client
// stands still until its socket has room again, and goes on from the store.
import type { ServerMessage, Topic } from "../../api/event-message.ts";
import type { Caller } from "../handler.ts";
import type { FeedEntry } from "./feed-entry.ts";

/** What the hub needs of a WebSocket; that of `ws` fits. */
export interface ClientSocket {
  readonly bufferedAmount: number;
  send(data: string | Buffer, options: { readonly binary: boolean }, sent?: (error?: Error) => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface EventClientOptions {
  readonly caller: Caller;
  readonly expiresAtMs: number | undefined;
  /** On the clock of the process that never jumps. */
  readonly nowMs: number;
}

export interface Subscription {
  readonly topic: Topic;
  /** Everything up to here was sent; of one that is live, everything up to the tail's position. */
  position: number;
  /** `behind`: it is being brought up to the tail · `stalled`: the socket was full, see `position` · `over`: given up */
  state: "behind" | "live" | "stalled" | "over";
}

/** One frame for many clients, in both forms. */
export interface Frames {
  readonly batch: Buffer;
  readonly single: readonly Buffer[];
}

/** Why a connection is ended: the server stops, misuse, the store cannot be read, too many clients, the token holds no more. */
export const closeCodes: Readonly<Record<"stopping" | "misuse" | "failed" | "full" | "token", number>> = {
  stopping: 1001,
  misuse: 1008,
  failed: 1011,
  full: 1013,
  token: 4401,
};

/** Bytes that may wait in a socket. Frames of a topic are shared by all its clients, so most of them are there once. */
const maxBufferedBytes = 512 * 1024;

/** Plain state with the ways to send; the hub decides what. */
export class EventClient {
  readonly caller: Caller;
  /** On the wall clock; infinite when it does not expire. */
  readonly expiresAtMs: number;
  readonly subscriptions: Map<Topic, Subscription> = new Map();
  /** Whether frames are arrays of messages. */
  isBatching = false;
  heardAtMs: number;
  sentAtMs: number;
  /** Nothing is sent any more. */
  isClosed = false;
  /** The socket is closed. */
  isGone = false;
  readonly #socket: ClientSocket;

  constructor(socket: ClientSocket, { caller, expiresAtMs, nowMs }: EventClientOptions) {
    this.#socket = socket;
    this.caller = caller;
    this.expiresAtMs = expiresAtMs ?? Number.POSITIVE_INFINITY;
    this.heardAtMs = nowMs;
    this.sentAtMs = nowMs;
  }

  get isFull(): boolean {
    return this.#socket.bufferedAmount > maxBufferedBytes;
  }

  /** It was full and has read most of it. */
  get isDrained(): boolean {
    return this.#socket.bufferedAmount < maxBufferedBytes / 4;
  }

  get liveTopics(): Topic[] {
    return [...this.subscriptions.values()].flatMap(({ state, topic }) => (state === "live" ? [topic] : []));
  }

  /** Nothing that it follows is on its way. */
  get isLive(): boolean {
    return this.subscriptions.values().every(({ state }) => state === "live");
  }

  send(message: ServerMessage): void {
    this.#write(JSON.stringify(message));
  }

  /** The same bytes as others get. */
  sendFrames({ batch, single }: Frames): void {
    if (this.isBatching) this.#write(batch);
    else for (const frame of single) this.#write(frame);
  }

  /** Messages as JSON. @param sent called when they have left this process, or never will */
  sendTexts(texts: readonly string[], sent?: () => void): void {
    if (this.isBatching && texts.length > 0) {
      this.#write(`[${texts.join(",")}]`, sent);
      return;
    }
    for (const [index, text] of texts.entries()) this.#write(text, index === texts.length - 1 ? sent : undefined);
    if (texts.length === 0) sent?.();
  }

  /** Those of a subscription, oldest first. Resolves when there is room for more. */
  async sendEntries(subscription: Subscription, entries: readonly FeedEntry[]): Promise<void> {
    const last = entries.at(-1);
    if (last === undefined || this.isClosed) return;
    const sent = Promise.withResolvers<void>();
    this.sendTexts(
      entries.map(({ text }) => text),
      sent.resolve,
    );
    subscription.position = last.position;
    await sent.promise;
  }

  ping(): void {
    this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #write(data: string | Buffer, sent?: () => void): void {
    if (this.isClosed) {
      sent?.();
      return;
    }
    this.sentAtMs = performance.now();
    // An error comes with the close of the socket.
    this.#socket.send(data, { binary: false }, sent === undefined ? undefined : () => sent());
  }
}
