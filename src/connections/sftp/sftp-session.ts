// One SSH session with SFTP in it. Whoever asks gets an answer or an error: when the session ends, when nothing comes for long, and
// when the run is stopped.
import type { Client, ConnectConfig, SFTPWrapper } from "ssh2";
import type { SftpConnectionOptions } from "../../core/connection/file-connection-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { algorithmsOf, fingerprintOf, hostKeyMismatch, parseHostKey } from "./host-key.ts";
import { toSftpError } from "./sftp-error.ts";

export type SftpChannel = SFTPWrapper;

/** What the driver calls when it is done. */
export type Done<T> = (error: Error | null | undefined, value?: T) => void;

export interface SftpSession {
  readonly isOpen: boolean;
  /**
   * Asks the server something.
   * @param what is done, for messages
   * @throws MillraceError `CONNECTION_FAILED` and what the server refuses; the reason of the signal
   */
  ask<T>(what: string, signal: AbortSignal | undefined, start: (sftp: SftpChannel, done: Done<T>) => void): Promise<T>;
  close(): void;
}

/** @param place of the server for messages @throws MillraceError `HOST_KEY_MISMATCH`, `AUTHENTICATION_FAILED`, `CONNECTION_FAILED`, `DEPENDENCY_MISSING` */
export async function openSession(options: Resolved<SftpConnectionOptions>, place: string): Promise<SftpSession> {
  const { Client: ClientOfDriver } = await loadDriver();
  const known = [options.hostKey].flat().map(parseHostKey);
  let refused: MillraceError | undefined;
  const isKnown = (key: Buffer): boolean => {
    const fingerprint = fingerprintOf(key);
    if (known.some((one) => one.fingerprint === fingerprint)) return true;
    refused = hostKeyMismatch(place, key);
    return false;
  };
  const session = new OpenSession(new ClientOfDriver(), parseDuration(options.timeouts?.idle ?? "60s"));
  try {
    await session.connect(toConfig(options, isKnown, algorithmsOf(known)), `connecting to ${place}`);
    return session;
  } catch (error) {
    session.close();
    throw refused ?? error;
  }
}

/** A session that nobody uses is ended after that long. */
const unusedMs = 30_000;

class OpenSession implements SftpSession {
  isOpen = true;
  readonly #client: Client;
  readonly #idleMs: number;
  /** Ends each piece of work that waits for an answer. */
  readonly #waiting = new Set<(error: unknown) => void>();
  #sftp: SftpChannel | undefined;
  #unused: NodeJS.Timeout | undefined;

  constructor(client: Client, idleMs: number) {
    this.#client = client;
    this.#idleMs = idleMs;
    client.on("error", (error) => this.#end(error));
    client.on("close", () => this.#end(new Error("it ended")));
  }

  async connect(config: ConnectConfig, what: string): Promise<void> {
    const limitMs = (config.readyTimeout ?? 0) + 1_000;
    await this.#wait<void>(what, undefined, limitMs, (done) => {
      this.#client.once("ready", () => done(undefined));
      this.#client.connect(config);
    });
    // small questions that wait for more to send would take 40 ms each
    this.#client.setNoDelay(true);
    const sftp = await this.#wait<SftpChannel>(what, undefined, limitMs, (done) => this.#client.sftp(done));
    sftp.on("error", (error: unknown) => this.#end(error));
    sftp.on("close", () => this.#end(new Error("it ended")));
    this.#sftp = sftp;
  }

  async ask<T>(
    what: string,
    signal: AbortSignal | undefined,
    start: (sftp: SftpChannel, done: Done<T>) => void,
  ): Promise<T> {
    const sftp = this.#sftp;
    if (sftp === undefined || !this.isOpen) throw toSftpError(new Error("it ended"), what);
    return await this.#wait<T>(what, signal, this.#idleMs, (done) => start(sftp, done));
  }

  close(): void {
    this.#end(new Error("it was closed"));
    this.#client.destroy();
  }

  #end(error: unknown): void {
    this.isOpen = false;
    clearTimeout(this.#unused);
    for (const end of this.#waiting) end(error);
  }

  /** Waits for what the driver calls back with, for the end of the session, for the signal and for a time limit. */
  #wait<T>(what: string, signal: AbortSignal | undefined, limitMs: number, start: (done: Done<T>) => void): Promise<T> {
    signal?.throwIfAborted();
    clearTimeout(this.#unused);
    return new Promise<T>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        signal?.removeEventListener("abort", stopped);
        this.#rest();
        settle();
      };
      const end = (error: unknown): void => finish(() => reject(toSftpError(error, what)));
      const stopped = (): void => finish(() => reject(signal?.reason as Error));
      // a server that does not answer in time may never do so
      const timer = setTimeout(() => {
        end(new Error("no answer in time"));
        this.close();
      }, limitMs);
      this.#waiting.add(end);
      signal?.addEventListener("abort", stopped, { once: true });
      try {
        start((error, value) => (error ? end(error) : finish(() => resolve(value as T))));
      } catch (error) {
        end(error);
      }
    });
  }

  #rest(): void {
    if (!this.isOpen || this.#waiting.size > 0) return;
    clearTimeout(this.#unused);
    this.#unused = setTimeout(() => this.close(), unusedMs);
    this.#unused.unref();
  }
}

function connectMs({ timeouts }: Pick<SftpConnectionOptions, "timeouts">): number {
  return parseDuration(timeouts?.connect ?? "20s");
}

function toConfig(
  options: Resolved<SftpConnectionOptions>,
  hostVerifier: (key: Buffer) => boolean,
  serverHostKey: readonly string[] | undefined,
): ConnectConfig {
  const { host, port = 22, user: username, password, privateKey, passphrase } = options;
  return {
    host,
    port,
    username,
    hostVerifier,
    readyTimeout: connectMs(options),
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    ...(serverHostKey === undefined ? {} : { algorithms: { serverHostKey: [...serverHostKey] as never } }),
    ...(password === undefined ? {} : { password }),
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

/** Loaded when the first session begins. It is installed by those who need it, since its installation compiles. */
async function loadDriver(): Promise<{ readonly Client: typeof Client }> {
  try {
    return (await import("ssh2")).default;
  } catch (cause) {
    throw new MillraceError("DEPENDENCY_MISSING", "the package `ssh2` could not be loaded", {
      cause,
      hint: "connections of the kind `sftp` need it: `npm install ssh2`",
    });
  }
}
