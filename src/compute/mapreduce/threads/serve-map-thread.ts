// The side of a thread: it loads the job's code once, then does one task after the other.
import { classifyError } from "../../../core/errors/classify-error.ts";
import { toErrorRecord } from "../../../core/errors/errors.ts";
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { MapMemory } from "../map-memory.ts";
import { mapSplit } from "../map-split.ts";
import type { Mapped } from "../map-task.ts";
import { type Reduced, reducePart } from "../reduce-part.ts";
import type { TaskOptions } from "../task-options.ts";
import type { FromMapThread, ToMapThread } from "./thread-protocol.ts";

export interface ServeMapThreadOptions {
  readonly send: (message: object) => void;
  readonly listen: (onMessage: (message: unknown) => void) => void;
  /** Loads the code of the job. */
  readonly open: () => Promise<MapReduceCode>;
}

/** Serves until the thread is ended from outside. */
export function serveMapThread({ send, listen, open }: ServeMapThreadOptions): void {
  const tell = (message: FromMapThread): void => send(message);
  const code = open();
  // told to whoever waits for the first task
  code.catch(() => undefined);
  let work: ThreadWork | undefined;
  listen((received) => {
    const message = received as ToMapThread;
    if (message.type === "open") {
      work = new ThreadWork(code, message.options);
      tell({ type: "ready" });
    } else if (work !== undefined) {
      work.do(message).then(
        (result) => tell({ type: "done", result }),
        (thrown: unknown) => tell({ type: "failed", error: toErrorRecord(classifyError(thrown)) }),
      );
    }
  });
}

type Task = Exclude<ToMapThread, { readonly type: "open" }>;

/** What a thread does, one task after the other. */
class ThreadWork {
  readonly #code: Promise<MapReduceCode>;
  readonly #options: TaskOptions;
  /** Of all splits; gone when they are reduced. */
  #memory: MapMemory | undefined;

  constructor(code: Promise<MapReduceCode>, options: TaskOptions) {
    this.#code = code;
    this.#options = options;
  }

  async do(message: Task): Promise<Mapped | Reduced> {
    const { folder, arePairs } = this.#options;
    const task = { name: message.name, code: await this.#code, options: this.#options, pause: () => undefined };
    if (message.type === "map") {
      this.#memory ??= new MapMemory();
      return await mapSplit(message.split, { ...task, memory: this.#memory });
    }
    this.#memory = undefined;
    return await reducePart(message.part, message.runs, { ...task, folder, arePairs });
  }
}
