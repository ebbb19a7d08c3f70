// The composition root of a thread that maps and reduces: it loads the file of the job, and calls nothing of it but those functions.
import { readFile } from "node:fs/promises";
import nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { serveMapThread } from "../compute/mapreduce/threads/serve-map-thread.ts";
import { readEnvironment } from "../config.ts";
import { lendVariables } from "../connections/variables.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { MapReduceCode } from "../core/mapreduce/map-reduce.ts";
import { openIsolateChannel } from "../platforms/local/isolate-channel.ts";
import { namesFromMillrace } from "../data/mapreduce/imported-names.ts";
import { threadNames, type ThreadJob } from "../data/mapreduce/thread-api.ts";
import { bundledProject } from "../project/bundled/bundled-project.ts";
import { isDeclaredFile } from "../project/declared/is-declared-file.ts";
import { forgetModules, importModule, provideLighterMillrace } from "../project/import-module.ts";
import type { LoadMessage } from "./launch-map-thread.ts";

// A file that imports most of this package does so once a thread.
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
  const code = (await loadLightly(file, root, job)) ?? (await loadWhole(file, root, job));
  if (code !== undefined) return code;
  throw new MillraceError(
    "JOB_UNKNOWN",
    `expected ${file} to define job \`${job}\`, as it did when the worker started`,
    {
      hint: "start the worker again",
    },
  );
}

/** Without most of this package, where the file needs no more of it; nothing where it does. */
async function loadLightly(file: string, root: string, job: string): Promise<MapReduceCode | undefined> {
  if (bundledProject() !== undefined || isDeclaredFile(file)) return undefined;
  const names = namesFromMillrace(await readFile(file, "utf8"));
  if (names === undefined || names.some((name) => !threadNames.has(name))) return undefined;
  const [own, light] = [pathToFileURL(file).href, threadApi()];
  provideLighterMillrace((importer) => (importer === own ? light : undefined));
  // whatever is wrong with the file is told when all of it is loaded
  const module = await importModule(file, root).catch(() => ({ default: undefined }));
  provideLighterMillrace(() => undefined);
  const exported = module["default"] as ThreadJob | readonly ThreadJob[] | undefined;
  const code = [exported].flat().find((value) => value?.name === job)?.mapReduce;
  if (code === undefined) forgetModules(root);
  return code;
}

async function loadWhole(file: string, root: string, job: string): Promise<MapReduceCode | undefined> {
  const [{ Definitions }, { loadFile }] = await Promise.all([
    import("../project/definitions.ts"),
    import("../project/load-definitions.ts"),
  ]);
  const definitions = new Definitions();
  await loadFile(definitions, file, root);
  return definitions.jobs.get(job)?.mapReduce;
}

function threadApi(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../data/mapreduce/thread-api.${extension}`, import.meta.url).href;
}
