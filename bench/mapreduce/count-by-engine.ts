// The engine of map and reduce alone, in a process of its own: `node bench/mapreduce/count-by-engine.ts <project> <job> <folder>`. From the
// log to rows in files, with the start of its threads, as the program in Rust is measured: no run, no publication.
import { mkdir, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type * as launchModule from "../../src/app/launch-map-thread.ts";
import type * as engineModule from "../../src/compute/mapreduce/map-reduce.ts";
import type * as configModule from "../../src/config.ts";
import type * as projectModule from "../../src/project/project.ts";
import { importBuilt } from "../harness/built-package.ts";

const [root = "", name = "", folder = ""] = process.argv.slice(2);
const { createMapThreadLauncher } = await importBuilt<typeof launchModule>("app/launch-map-thread.js");
const { runMapReduce } = await importBuilt<typeof engineModule>("compute/mapreduce/map-reduce.js");
const { loadProject } = await importBuilt<typeof projectModule>("project/project.js");
const { readEnvironment } = await importBuilt<typeof configModule>("config.js");
const { definitions } = await loadProject({ cwd: root, environment: readEnvironment() });
const code = definitions.jobs.get(name)?.mapReduce;
if (code === undefined) throw new Error(`${root} defines no job of map and reduce \`${name}\``);
const file = join(root, "jobs", `${name.replaceAll("_", "-")}.ts`);
const path = join(root, "access.log");
await mkdir(folder);

const startedAtMs = performance.now();
const { files } = await runMapReduce({
  code,
  input: { files: [{ path, name: "access.log", bytes: (await stat(path)).size }] },
  memoryBytes: 256_000_000,
  threads: availableParallelism(),
  launch: createMapThreadLauncher(name, { file, root }),
  inlineBytes: 0,
  maxLineBytes: 16_000_000,
  bad: { most: 0, isKept: false },
  arePairs: true,
  folder,
  signal: new AbortController().signal,
  onProgress: () => undefined,
});
const wallMs = performance.now() - startedAtMs;
if (files.length === 0) throw new Error("nothing was counted");
console.log(JSON.stringify({ wallMs }));
