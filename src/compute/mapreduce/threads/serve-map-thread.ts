// The side of a thread: it loads the job's code once, then does one task after the other.
import { classifyError } from "../../../core/errors/classify-error.ts";
import { toErrorRecord } from "../../../core/errors/errors.ts";
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { mapSplit } from "../map-split.ts";
import { reducePart } from "../reduce-part.ts";
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
  let options: TaskOptions | undefined;
  listen((received) => {
    const message = received as ToMapThread;
    if (message.type === "open") {
      ({ options } = message);
      tell({ type: "ready" });
    } else if (options !== undefined) {
      doTask(message, code, options).then(tell, (thrown: unknown) =>
        tell({ type: "failed", error: toErrorRecord(classifyError(thrown)) }),
      );
    }
  });
}

async function doTask(
  message: Exclude<ToMapThread, { readonly type: "open" }>,
  loading: Promise<MapReduceCode>,
  options: TaskOptions,
): Promise<FromMapThread> {
  const code = await loading;
  const task = { name: message.name, code, options, folder: options.folder, pause: () => undefined };
  const result =
    message.type === "map" ? await mapSplit(message.split, task) : await reducePart(message.part, message.runs, task);
  return { type: "done", result };
}
