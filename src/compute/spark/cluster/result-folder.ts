// What queries of a run leave where Spark and this machine both see it: a folder for each time that one was sent, and beside it a note of
// how far it is, written before it is sent, so that another process goes on with it instead of sending it again.
import { MillraceError } from "../../../core/errors/errors.ts";
import { nameUuid } from "./name-uuid.ts";
import type { SharedFolder } from "./shared-folder.ts";

/** `sent`: it may be running. `over`: it has failed or was stopped, and gives nothing any more. */
export type SendingState = "sent" | "over";

/** One time that a query was sent, or is to be. */
export interface Sending {
  /** By which Spark knows it. */
  readonly operationId: string;
  /** As Spark calls it. */
  readonly folder: string;
  /** Absent when it was not sent yet. */
  readonly state?: SendingState;
}

/** Results of other runs are kept for so long: longer than any query that still runs, or attempt that may want them. */
const keptMs = 7 * 86_400_000;

/** What an attempt fails with that a later one has taken over from. */
export function takenOver(cause?: unknown): MillraceError {
  const message = "another attempt of the run works on it with Spark by now";
  return new MillraceError("RUN_LOST", message, cause === undefined ? {} : { cause });
}

export class ResultFolder {
  readonly #shared: SharedFolder;
  readonly #own: string;
  readonly #name: string;
  #epoch = 0;
  #isRemoved = false;

  /** @param shared with the results of all runs @param name of the run's work */
  constructor(shared: SharedFolder, name: string) {
    this.#shared = shared;
    this.#name = name;
    this.#own = nameUuid(name);
  }

  /** Looks whether it can be used, and removes what nobody has come back for. @throws MillraceError as `SharedFolder.open` */
  async open(nowMs: number): Promise<void> {
    await this.#shared.open((name) => /^[\da-f-]{36}$/.test(name), nowMs - keptMs);
  }

  /** Takes over from earlier attempts. @throws MillraceError `RUN_LOST` when a later one has done so */
  async claim(epoch: number): Promise<void> {
    if ((await this.#claimed()) > epoch) throw takenOver();
    await this.#shared.writeText(this.#claimOf(), String(epoch));
    this.#epoch = epoch;
  }

  /** Whether no later attempt has taken over, nor has ended by now. One that does so in this moment may not be seen. */
  async isOurs(): Promise<boolean> {
    return this.#isRemoved || (await this.#claimed()) === this.#epoch;
  }

  /** As `SharedFolder.seenPath`. */
  seenPath(path: string): string | undefined {
    return this.#shared.seenPath(path);
  }

  /** Has a file made that Spark is to read. @returns how Spark calls it */
  async putInput(name: string, write: (path: string) => Promise<void>): Promise<string> {
    const file = `${this.#own}/inputs/${name}`;
    await this.#shared.put(file, write);
    return this.#shared.pathOf(file);
  }

  /** The last time that a query was sent which is not over, or the first that it was not sent. */
  async find(identity: string): Promise<Sending> {
    for (let time = 1; ; time += 1) {
      const operationId = nameUuid(`${this.#name}\n${identity}\n${time}`);
      const folder = this.#shared.pathOf(`${this.#own}/${operationId}`);
      const state = await this.#stateOf(operationId);
      if (state !== "over") return { operationId, folder, ...(state === undefined ? {} : { state }) };
    }
  }

  async note({ operationId }: Sending, state: SendingState): Promise<void> {
    await this.#shared.writeText(this.#noteOf(operationId), state);
  }

  /** Paths on this machine of the files of a query that is done; `undefined` for one that is not. */
  async list({ operationId }: Sending): Promise<readonly string[] | undefined> {
    const folder = `${this.#own}/${operationId}`;
    const names = await this.#shared.list(folder);
    if (!names.includes("_SUCCESS")) return undefined;
    return await this.#shared.fetch(folder, names.filter((name) => name.endsWith(".parquet")).toSorted());
  }

  async remove(): Promise<void> {
    await this.#shared.remove(this.#own);
    this.#isRemoved = true;
  }

  async #claimed(): Promise<number> {
    const text = await this.#shared.readText(this.#claimOf());
    // none, or one that was cut
    return Number.parseInt(text ?? "", 10) || 0;
  }

  async #stateOf(operationId: string): Promise<SendingState | undefined> {
    const text = await this.#shared.readText(this.#noteOf(operationId));
    if (text === undefined) return undefined;
    // one that was cut may have been sent
    return text === "over" ? "over" : "sent";
  }

  #claimOf(): string {
    return `${this.#own}/attempt`;
  }

  #noteOf(operationId: string): string {
    return `${this.#own}/${operationId}.state`;
  }
}
