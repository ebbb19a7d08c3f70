// Sends the messages of the outbox, beside the dispatchers of other processes: claim → send → record. A message that was taken and not
// recorded is sent again by whoever is there when its time is over, with the same id.
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { NotificationMessage } from "../../core/notification/notice.ts";
import type {
  ClaimedNotification,
  NotificationDelivery,
  NotificationFailure,
} from "../../store/notifications/notification-store.ts";
import type { Store } from "../../store/store.ts";
import { Wake } from "../upkeep/wake.ts";

/** What hands messages to their peers. */
export interface MessageSender {
  /** @throws MillraceError whose disposition says whether another try makes sense */
  send(message: NotificationMessage, signal: AbortSignal): Promise<{ readonly partly?: MillraceError }>;
}

export interface NoticeDispatcherOptions {
  readonly store: Pick<Store, "claimNotifications" | "recordDelivery" | "nextNotificationInMs" | "subscribe">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sender: MessageSender;
  /** Names of the channels that this process knows. */
  readonly channels: () => readonly string[];
  /** The pause between two messages of a channel. Default: none. */
  readonly paceMs?: (channel: string) => number;
  /** Store trouble; the dispatcher goes on by itself. */
  readonly onError: (error: MillraceError) => void;
  /** How long others leave a message to whoever took it. Default: two minutes. */
  readonly leaseMs?: number;
  readonly pollMs?: number;
  /** How long a peer may take. Default: 30 s. */
  readonly sendMs?: number;
}

const defaultLeaseMs = 120_000;
const defaultPollMs = 2_000;
const batch = 20;
const defaultSendMs = 30_000;
/** Whoever waits for the end of a process does not wait long for a peer. */
const lastSendMs = 10_000;
const maxLastBatches = 5;
/** With the pauses below some 20 hours. */
const maxAttempts = 30;
const firstPauseMs = 5_000;
const longestPauseMs = 3_600_000;

/** One dispatcher of this process. */
export class NoticeDispatcher {
  readonly #options: NoticeDispatcherOptions;
  readonly #wake: Wake;
  readonly #stopped = new AbortController();
  #hints: Disposable | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: NoticeDispatcherOptions) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  start(): void {
    this.#hints ??= this.#options.store.subscribe((change) => {
      if (change === "notice") this.#wake.notify();
    });
    this.#loop ??= this.#run();
  }

  /** Ends when what is being sent is recorded, and once more sends what is due: nobody else may be there. */
  async stop(): Promise<void> {
    this.#hints?.[Symbol.dispose]();
    this.#stopped.abort();
    this.#wake.notify();
    await this.#loop;
    for (let batches = 0; batches < maxLastBatches; batches += 1) {
      if ((await this.#deliverQuietly()) === 0) return;
    }
  }

  /** Sends what is due now, a batch at a time. @returns how many messages were taken */
  async deliverDue(): Promise<number> {
    const { store, channels, leaseMs = defaultLeaseMs, clock } = this.#options;
    const names = channels();
    if (names.length === 0) return 0;
    const untilMs = clock.now() + leaseMs - this.#sendMs;
    const claimed = await store.claimNotifications({ channels: names, limit: batch, leaseMs });
    const byChannel = Map.groupBy(claimed, ({ channel }) => channel);
    await Promise.all([...byChannel].map(([channel, messages]) => this.#sendAll(channel, messages, untilMs)));
    return claimed.length;
  }

  get #sendMs(): number {
    const { sendMs = defaultSendMs } = this.#options;
    return this.#stopped.signal.aborted ? Math.min(sendMs, lastSendMs) : sendMs;
  }

  async #run(): Promise<void> {
    const { store, channels, pollMs = defaultPollMs, onError } = this.#options;
    while (!this.#stopped.signal.aborted) {
      let waitMs = pollMs;
      if ((await this.#deliverQuietly()) === 0) {
        try {
          const names = channels();
          const nextMs = names.length === 0 ? undefined : await store.nextNotificationInMs(names);
          // Another one may have what is due.
          waitMs = Math.min(pollMs, Math.max(nextMs ?? pollMs, 50));
        } catch (thrown) {
          onError(classifyError(thrown));
        }
        await this.#wake.wait(waitMs);
      }
    }
  }

  async #deliverQuietly(): Promise<number> {
    try {
      return await this.deliverDue();
    } catch (thrown) {
      this.#options.onError(classifyError(thrown));
      return 0;
    }
  }

  // When a channel fails for a while, the rest of its messages need not find out one by one.
  async #sendAll(channel: string, messages: readonly ClaimedNotification[], untilMs: number): Promise<void> {
    const { store, clock, paceMs } = this.#options;
    let pauseMs: number | undefined;
    for (const [index, message] of messages.entries()) {
      if (index > 0 && pauseMs === undefined) await clock.sleep(paceMs?.(channel) ?? 0);
      const { id, attempt } = message;
      const isLate = clock.now() > untilMs;
      const delivery: NotificationDelivery =
        pauseMs === undefined && !isLate
          ? await this.#send(message)
          : { id, attempt, is: "put_back", delayMs: pauseMs ?? 0 };
      if (delivery.is === "retry") pauseMs = delivery.delayMs;
      await store.recordDelivery(delivery);
    }
  }

  async #send(message: ClaimedNotification): Promise<NotificationDelivery> {
    const { id, attempt, ...told } = message;
    try {
      const { partly } = await this.#within(this.#sendMs, (signal) => this.#options.sender.send(told, signal));
      if (partly === undefined) return { id, attempt, is: "sent" };
      return { id, attempt, is: "partly_sent", failure: toFailure(partly) };
    } catch (thrown) {
      const error = classifyError(thrown);
      const failure = toFailure(error);
      if (error.disposition !== "retry" || attempt >= maxAttempts) return { id, attempt, is: "given_up", failure };
      return { id, attempt, is: "retry", delayMs: error.retryAfterMs ?? this.#pauseAfter(attempt), failure };
    }
  }

  /** Twice as long after each try, and between half and one and a half times that, so that many do not come at once. */
  #pauseAfter(attempt: number): number {
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
    return pauseMs * (0.5 + this.#options.random());
  }

  async #within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const over = new AbortController();
    const ended = new AbortController();
    const late = this.#options.clock.sleep(ms, ended.signal).then(() => {
      if (!ended.signal.aborted)
        over.abort(new MillraceError("CONNECTION_FAILED", "the peer did not take the message in time"));
    });
    try {
      return await work(over.signal);
    } finally {
      ended.abort();
      await late;
    }
  }
}

function toFailure({ code, message, hint }: MillraceError): NotificationFailure {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
