// Tells the server which responses it may forget, at most one call at a time and not for each of them: it keeps some megabytes of what it
// has sent anyway, and calls cost it time. It is a courtesy: a server that did not hear of it forgets them by itself, so nothing here fails.
/** A part of the ten megabytes that a server keeps. */
const leastBytes = 4 << 20;

/** Of one operation. */
export class ReleaseQueue {
  readonly #release: (untilResponseId: string) => Promise<void>;
  #wanted: string | undefined;
  #bytes = 0;
  #running: Promise<void> | undefined;

  constructor(release: (untilResponseId: string) => Promise<void>) {
    this.#release = release;
  }

  /** All responses up to this one were used. @param bytes of this one */
  until(responseId: string, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < leastBytes) return;
    this.#bytes = 0;
    this.#wanted = responseId;
    this.#running ??= this.#run();
  }

  /** Resolves when no call runs any more; none begins. */
  async settled(): Promise<void> {
    this.#wanted = undefined;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#wanted !== undefined) {
      const responseId = this.#wanted;
      this.#wanted = undefined;
      await this.#release(responseId).catch(() => undefined);
    }
    this.#running = undefined;
  }
}
