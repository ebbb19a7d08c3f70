// What queries of a run leave on a disk that Spark and this machine see: a folder for each time that one was sent, and beside it a note of
// how far it is, written before it is sent, so that another process goes on with it instead of sending it again.
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import { nameUuid } from "./name-uuid.ts";

/** `sent`: it may be running. `over`: it has failed or was stopped, and gives nothing any more. */
export type SendingState = "sent" | "over";

/** One time that a query was sent, or is to be. */
export interface Sending {
  /** By which Spark knows it. */
  readonly operationId: string;
  readonly folder: string;
  /** Absent when it was not sent yet. */
  readonly state?: SendingState;
}

/** Results of other runs are kept for so long: longer than any query that still runs, or attempt that may want them. */
const keptMs = 7 * 86_400_000;

export class ResultFolder {
  readonly #parent: string;
  readonly #path: string;
  readonly #name: string;

  /** @param parent of the results of all runs @param name of the run's work */
  constructor(parent: string, name: string) {
    this.#parent = parent;
    this.#name = name;
    this.#path = join(parent, nameUuid(name));
  }

  /** For copies of what the cluster reads. */
  get inputs(): string {
    return join(this.#path, "inputs");
  }

  /** Makes the folder, and removes those that nobody has come back for. @throws MillraceError `CONFIG_INVALID` */
  async open(nowMs: number): Promise<void> {
    try {
      await mkdir(this.inputs, { recursive: true });
    } catch (cause) {
      throw new MillraceError(
        "CONFIG_INVALID",
        `the folder for results of Spark cannot be made, got: \`${this.#parent}\``,
        {
          hint: "set `compute.folder` to one that this machine and Spark can both write",
          cause,
        },
      );
    }
    for (const name of await readdir(this.#parent)) {
      const path = join(this.#parent, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs }));
      if (/^[\da-f-]{36}$/.test(name) && mtimeMs < nowMs - keptMs) await rm(path, { recursive: true, force: true });
    }
  }

  /** The last time that a query was sent which is not over, or the first that it was not sent. */
  async find(identity: string): Promise<Sending> {
    for (let time = 1; ; time += 1) {
      const operationId = nameUuid(`${this.#name}\n${identity}\n${time}`);
      const folder = join(this.#path, operationId);
      const state = await this.#stateOf(operationId);
      if (state !== "over") return { operationId, folder, ...(state === undefined ? {} : { state }) };
    }
  }

  async note({ operationId }: Sending, state: SendingState): Promise<void> {
    await writeFile(this.#noteOf(operationId), state, { flush: true });
  }

  /** The files of a query that is done; `undefined` for one that is not. */
  async list({ folder }: Sending): Promise<readonly string[] | undefined> {
    const names = await readdir(folder).catch((): string[] => []);
    if (!names.includes("_SUCCESS")) return undefined;
    return names
      .filter((name) => name.endsWith(".parquet"))
      .toSorted()
      .map((name) => join(folder, name));
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }

  async #stateOf(operationId: string): Promise<SendingState | undefined> {
    const text = await readFile(this.#noteOf(operationId), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    // one that was cut may have been sent
    return text === "over" ? "over" : "sent";
  }

  #noteOf(operationId: string): string {
    return join(this.#path, `${operationId}.state`);
  }
}
