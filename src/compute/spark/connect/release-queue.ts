// Tells the server which responses it may forget, at most one call at a time. It is a courtesy: a server that did not hear of it
// forgets them by itself, so nothing here fails.
/** Of one operation. */
export class ReleaseQueue {
  readonly #release: (untilResponseId: string) => Promise<void>;
  #wanted: string | undefined;
  #running: Promise<void> | undefined;

  constructor(release: (untilResponseId: string) => Promise<void>) {
    this.#release = release;
  }

  /** All responses up to this one were used. */
  until(responseId: string): void {
    this.#wanted = responseId;
    this.#running ??= this.#run();
  }

  /** Resolves when no call runs any more. */
  async settled(): Promise<void> {
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
