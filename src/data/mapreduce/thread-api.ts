// What `import "millrace"` means to the file of a job in a thread that maps and reduces: the definition was looked at where the run was begun,
// and the thread only calls its functions. The whole package takes longer to load than 30 MB to map.
import type { MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import { type MapReduceFunctions, toMapReduceCode } from "./to-map-reduce-code.ts";

export { MillraceError } from "../../core/errors/errors.ts";

/** A file that imports other names than these gets the whole package. */
export const threadNames: ReadonlySet<string> = new Set(["mapReduceJob", "MillraceError"]);

/** Of a job, what a thread looks for. */
export interface ThreadJob {
  readonly name: string;
  readonly mapReduce: MapReduceCode;
}

export function mapReduceJob(definition: MapReduceFunctions): ThreadJob {
  return { name: definition.name, mapReduce: toMapReduceCode(definition) };
}
