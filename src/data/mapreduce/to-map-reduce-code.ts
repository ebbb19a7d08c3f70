// What threads and executors need of the definition of a job: its functions, and how its records are read.
import type { Emit, MapRead, MapReduceCode } from "../../core/mapreduce/map-reduce.ts";
import type { MapInput } from "../../core/mapreduce/map-reduce-request.ts";

/** What matters of a definition here. */
export interface MapReduceFunctions extends Pick<MapReduceCode, "mapBytes" | "mapBatch" | "reduce"> {
  readonly name: string;
  readonly input: MapInput;
  readonly read?: MapRead;
  readonly separator?: string;
  /** What it is called with follows from `read`, which this type does not say. */
  readonly map?: (record: never, emit: Emit) => void;
  readonly row?: (key: string, total: never) => ReturnType<NonNullable<MapReduceCode["row"]>>;
}

/** @param definition one that is right */
export function toMapReduceCode(definition: MapReduceFunctions): MapReduceCode {
  const { name: job, input, read = "lines", map, mapBytes, mapBatch, reduce, row } = definition;
  const isRows = !("files" in input) || read === "parquet";
  const { separator = read === "csv" ? "," : " " } = definition;
  return Object.freeze({
    job,
    read: isRows ? "rows" : read,
    separator,
    reduce,
    ...(map === undefined ? {} : { map: map as NonNullable<MapReduceCode["map"]> }),
    ...(mapBytes === undefined ? {} : { mapBytes }),
    ...(mapBatch === undefined ? {} : { mapBatch }),
    ...(row === undefined ? {} : { row: row as NonNullable<MapReduceCode["row"]> }),
  });
}
