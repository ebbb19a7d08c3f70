// The composition root of a thread that maps and reduces: it loads the file of the job, and calls nothing of it but those functions.
import nodeModule from "node:module";
import { serveMapThread } from "../compute/mapreduce/threads/serve-map-thread.ts";
import { readEnvironment } from "../config.ts";
import { lendVariables } from "../connections/variables.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { MapReduceCode } from "../core/mapreduce/map-reduce.ts";
import { openIsolateChannel } from "../platforms/local/isolate-channel.ts";
import { Definitions } from "../project/definitions.ts";
import { loadFile } from "../project/load-definitions.ts";
import type { LoadMessage } from "./launch-map-thread.ts";

// The file of the job imports most of this package, once a thread.
nodeModule.enableCompileCache();
const channel = openIsolateChannel();
let serve: ((message: unknown) => void) | undefined;
// the first message says which job it is, all others are tasks
channel.listen((received) => {
  if (serve !== undefined) return serve(received);
  const code = load(received as LoadMessage);
  serveMapThread({
    send: (message) => channel.send(message),
    listen: (onTask) => (serve = onTask),
    open: () => code,
  });
});

async function load({ job, location: { file, root } }: LoadMessage): Promise<MapReduceCode> {
  if (file === undefined || root === undefined) {
    throw new MillraceError("INTERNAL", `expected to be told where job \`${job}\` is`);
  }
  lendVariables(readEnvironment().readVariable);
  const definitions = new Definitions();
  await loadFile(definitions, file, root);
  const code = definitions.jobs.get(job)?.mapReduce;
  if (code !== undefined) return code;
  throw new MillraceError(
    "JOB_UNKNOWN",
    `expected ${file} to define job \`${job}\`, as it did when the worker started`,
    {
      hint: "start the worker again",
    },
  );
}
