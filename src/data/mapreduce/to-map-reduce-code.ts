// What threads and executors need of the definition of a job: its functions, and how its records are read.
import type {
  Combination,
  Emit,
  FieldName,
  FieldOperation,
  FieldReduction,
  MapRead,
  MapReduceCode,
  Reduction,
} from "../../core/mapreduce/map-reduce.ts";
import type { MapInput } from "../../core/mapreduce/map-reduce-request.ts";

/** What matters of a definition here. */
export interface MapReduceFunctions extends Pick<MapReduceCode, "mapBytes" | "mapBatch"> {
  readonly name: string;
  readonly input: MapInput;
  readonly read?: MapRead;
  readonly separator?: string;
  /** What it is called with follows from `read`, which this type does not say. */
  readonly map?: (record: never, emit: Emit) => void;
  readonly key?: { readonly field: FieldName };
  readonly reduce: Reduction | FieldReduction;
  readonly row?: (key: string, total: never) => ReturnType<NonNullable<MapReduceCode["row"]>>;
}

/** @param definition one that is right */
export function toMapReduceCode(definition: MapReduceFunctions): MapReduceCode {
  const { name: job, input, read = "lines", map, mapBytes, mapBatch, key, reduce, row } = definition;
  const isRows = !("files" in input) || read === "parquet";
  const { separator = read === "csv" ? "," : " " } = definition;
  return Object.freeze({
    job,
    read: isRows ? "rows" : read,
    separator,
    ...(isFieldReduction(reduce) ? toFieldCode(key?.field ?? 0, reduce) : { reduce }),
    ...(map === undefined ? {} : { map: map as NonNullable<MapReduceCode["map"]> }),
    ...(mapBytes === undefined ? {} : { mapBytes }),
    ...(mapBatch === undefined ? {} : { mapBatch }),
    ...(row === undefined ? {} : { row: row as NonNullable<MapReduceCode["row"]> }),
  });
}

/** Whether it is named, and no function. */
export function isFieldReduction(reduce: Reduction | FieldReduction): reduce is FieldReduction {
  return typeof reduce !== "function" && !(typeof reduce === "object" && "init" in reduce);
}

function toFieldCode(key: FieldName, reduction: FieldReduction): Pick<MapReduceCode, "count" | "reduce"> {
  if (reduction === "count") return { count: { key, operation: "sum" }, reduce: totals.sum };
  const [operation, value] = Object.entries(reduction)[0] as [FieldOperation, FieldName];
  return { count: { key, value, operation }, reduce: totals[operation] };
}

/** What puts totals of several threads together. */
const totals: Readonly<Record<FieldOperation, Combination>> = {
  sum: combine((a, b) => a + b),
  min: combine(Math.min),
  max: combine(Math.max),
};

function combine(both: (a: number, b: number) => number): Combination {
  const merge = (a: unknown, b: unknown): number => both(Number(a), Number(b));
  return { init: 0, add: merge, merge };
}
