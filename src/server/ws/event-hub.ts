// Tells the clients of one server what happens, live: each event of a topic exactly once and in order per run. While nobody
// is connected it does nothing.
import type { Topic } from "../../api/event-message.ts";
import type { SecretRedactor } from "../../core/errors/secret-redactor.ts";
import type { PastDurations } from "../../insight/estimate.ts";
import type { Store } from "../../store/store.ts";
import type { Caller } from "../handler.ts";
import { toInstant } from "../views/to-instant.ts";
import { CatchUp } from "./catch-up.ts";
import { ClientTalk } from "./client-talk.ts";
import { watchOrchestrator } from "./orchestrator-watch.ts";
import { type ClientSocket, closeCodes, EventClient } from "./event-client.ts";
import { EventTail } from "./event-tail.ts";
import { fanOutEntries, fanOutProgress } from "./fan-out.ts";
import type { FeedEntry } from "./feed-entry.ts";
import { ProgressBoard } from "./progress-board.ts";
import type { ReadSnapshot } from "./read-snapshot.ts";
import { RunTrees } from "./run-trees.ts";

export interface EventHubOptions {
  readonly store: HubStore;
  /** The state of a topic, for clients that begin. Left out: they get no snapshot. */
  readonly readSnapshot?: ReadSnapshot;
  /** How long runs of a job took before, for estimates. */
  readonly pastOf?: (job: string) => PastDurations | undefined;
  /** Asked at each heartbeat for the tokens of those who are connected: expired and revoked ones lose their connections. */
  readonly isTokenValid?: (tokenId: string) => Promise<boolean>;
  /** Takes secrets out of what is sent. Left out: nothing is masked. */
  readonly redactor?: Pick<SecretRedactor, "redact">;
  /** The store could not be read; the hub tries again. */
  readonly onError?: (error: unknown) => void;
  /** Connections; more are refused. Default 20,000. */
  readonly maxClients?: number;
  /** How often clients are asked for a sign of life; after three times as long without one they are gone. Default 10,000. */
  readonly heartbeatMs?: number;
}

export type HubStore = Pick<
  Store,
  "feedEnd" | "readFeed" | "readProgressFeed" | "subscribe" | "findRun" | "orchestratorState" | "listPausedJobs"
>;

/** A WebSocket that is open; that of `ws` fits. */
export interface HubSocket extends ClientSocket {
  on(event: "message", listener: (data: unknown, isBinary: boolean) => void): unknown;
  on(event: "pong" | "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Disposing it closes all connections, at the latest after a second. */
export interface EventHub extends AsyncDisposable {
  readonly clientCount: number;
  /** Takes a connection over. */
  connect(socket: HubSocket, caller: Caller, options?: ConnectOptions): void;
  /** Closes the connections of a token. */
  dropToken(tokenId: string): void;
}

export interface ConnectOptions {
  /** Subscribes at once. */
  readonly topics?: readonly Topic[];
  /** When the caller may no longer be connected, by the clock of this process. */
  readonly expiresAtMs?: number | undefined;
}

/** Reports are told at most so often, and full sockets looked at. */
const progressEveryMs = 250;
const farewellMs = 1_000;
const maxReports = 5_000;

/** The caller disposes it when the server stops. */
export function createEventHub(options: EventHubOptions): EventHub {
  return new Hub(options);
}

class Hub implements EventHub {
  readonly #options: EventHubOptions;
  readonly #clients = new Map<EventClient, ClientTalk>();
  readonly #tail: EventTail;
  readonly #trees: RunTrees;
  readonly #catchUp: CatchUp;
  readonly #board: ProgressBoard;
  readonly #heartbeatMs: number;
  #active: { readonly timers: readonly NodeJS.Timeout[]; readonly orchestrator: Disposable } | undefined;
  #isReadingProgress = false;
  #before = 0;

  constructor(options: EventHubOptions) {
    const { store, pastOf, heartbeatMs = 10_000 } = options;
    this.#options = options;
    this.#heartbeatMs = heartbeatMs;
    this.#trees = new RunTrees(store);
    this.#board = new ProgressBoard({ pastOf });
    const shared = { store, redact: this.#redact };
    this.#tail = new EventTail({ ...shared, onEntries: (entries) => this.#tell(entries), onError: this.#report });
    this.#catchUp = new CatchUp({ ...shared, tail: this.#tail, trees: this.#trees });
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  connect(socket: HubSocket, caller: Caller, { topics = [], expiresAtMs }: ConnectOptions = {}): void {
    // Errors of a socket come before its close.
    socket.on("error", () => {});
    if (this.#clients.size >= (this.#options.maxClients ?? 20_000)) {
      socket.close(closeCodes.full, "too many connections");
      return;
    }
    const client = new EventClient(socket, { caller, expiresAtMs, nowMs: performance.now() });
    const talk = new ClientTalk(client, {
      tail: this.#tail,
      trees: this.#trees,
      catchUp: this.#catchUp,
      store: this.#options.store,
      readSnapshot: this.#options.readSnapshot,
      redact: this.#redact,
      onError: this.#report,
    });
    this.#clients.set(client, talk);
    this.#activate();
    socket.on("message", (data, isBinary) => talk.hear(data, isBinary));
    socket.on("pong", () => {
      client.heardAtMs = performance.now();
    });
    socket.on("close", () => {
      client.isGone = true;
      this.#forget(client);
    });
    for (const topic of topics) talk.subscribe({ type: "subscribe", topic });
  }

  dropToken(tokenId: string): void {
    for (const client of this.#clients.keys()) {
      if (client.caller.tokenId === tokenId) this.#close(client, closeCodes.token, "the token holds no more");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const clients = [...this.#clients.keys()];
    for (const client of clients) this.#close(client, closeCodes.stopping, "the server stops");
    this.#rest();
    // A client that does not answer the farewell keeps nobody waiting.
    const deadlineMs = performance.now() + farewellMs;
    while (clients.some(({ isGone }) => !isGone) && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const client of clients) if (!client.isGone) client.terminate();
  }

  readonly #redact = <Value>(value: Value): Value => this.#options.redactor?.redact(value) ?? value;

  readonly #report = (error: unknown): void => {
    this.#options.onError?.(error);
  };

  // Events from the tail, in order.
  #tell(entries: readonly FeedEntry[]): void {
    const now = this.#tail.position;
    for (const { runId, isRest, seq } of entries) if (isRest) this.#board.end(runId, seq);
    fanOutEntries(this.#clients.keys(), this.#trees, { entries, before: this.#before, now });
    this.#before = now;
  }

  #activate(): void {
    if (this.#active !== undefined) return;
    this.#before = this.#tail.position;
    this.#tail.start().catch(this.#report);
    this.#active = {
      timers: [
        setInterval(() => void this.#tick(), progressEveryMs),
        setInterval(() => void this.#beat(), this.#heartbeatMs),
      ],
      orchestrator: watchOrchestrator({
        store: this.#options.store,
        onError: this.#report,
        onChange: ({ claiming }) => {
          for (const client of this.#clients.keys()) {
            client.send({ type: "orchestrator_changed", claiming, at: toInstant(Date.now()) });
          }
        },
      }),
    };
  }

  #rest(): void {
    for (const timer of this.#active?.timers ?? []) clearInterval(timer);
    this.#active?.orchestrator[Symbol.dispose]();
    this.#active = undefined;
    this.#tail.stop();
  }

  #close(client: EventClient, code: number, reason: string): void {
    client.close(code, reason);
    this.#forget(client);
  }

  #forget(client: EventClient): void {
    const talk = this.#clients.get(client);
    if (talk === undefined) return;
    this.#clients.delete(client);
    talk.end();
    if (this.#clients.size === 0) this.#rest();
  }

  // What is due often, for all clients.
  async #tick(): Promise<void> {
    const nowMs = Date.now();
    for (const [client, talk] of this.#clients) {
      if (client.expiresAtMs <= nowMs) this.#close(client, closeCodes.token, "the token holds no more");
      else if (client.isDrained) talk.goOn();
    }
    await this.#tellProgress();
  }

  async #tellProgress(): Promise<void> {
    if (this.#isReadingProgress) return;
    this.#isReadingProgress = true;
    try {
      const nowMs = Date.now();
      const reports = await this.#options.store.readProgressFeed(this.#board.sinceMs(nowMs), maxReports);
      fanOutProgress(this.#clients.keys(), this.#trees, {
        reports: this.#board.take(reports, nowMs),
        redact: this.#redact,
      });
    } catch (error) {
      this.#report(error);
    } finally {
      this.#isReadingProgress = false;
    }
  }

  async #beat(): Promise<void> {
    const nowMs = performance.now();
    for (const client of this.#clients.keys()) {
      if (nowMs - client.heardAtMs > 3 * this.#heartbeatMs) {
        client.terminate();
        this.#forget(client);
        continue;
      }
      client.ping();
      const isQuiet = nowMs - client.sentAtMs >= this.#heartbeatMs && client.subscriptions.size > 0;
      if (isQuiet && client.isLive) client.send({ type: "position", pos: String(this.#tail.position) });
    }
    await this.#checkTokens();
  }

  async #checkTokens(): Promise<void> {
    const { isTokenValid } = this.#options;
    if (isTokenValid === undefined) return;
    try {
      for (const tokenId of new Set([...this.#clients.keys()].map(({ caller }) => caller.tokenId))) {
        if (!(await isTokenValid(tokenId))) this.dropToken(tokenId);
      }
    } catch (error) {
      this.#report(error);
    }
  }
}
