// The contract of strategies: each turns the part of a configuration that names it into a source or a target of Millrace, which do
// all the reading and writing. `extractors/extractors.ts` and `loaders/loaders.ts` have a line for each that is built in.
import type { z } from "zod";
import type { DatasetTargets } from "../core/dataset/dataset.ts";
import type { Source } from "../core/dataset/source.ts";
import type { Spec } from "../core/spec/spec.ts";

/** Where a configuration stands, for messages, and the dataset that its rows go to. */
export interface StrategyPlace {
  /** Names the job. */
  readonly where: string;
  /** To the configuration, below `where`. */
  readonly path: readonly PropertyKey[];
  readonly dataset: string;
}

/** What all strategies have. */
export interface LoadStrategy<Options extends object = object> {
  /** What `strategy` of a configuration says, in capitals. */
  readonly name: string;
  /** What it reads or writes, for the docs, such as `Parquet files`. */
  readonly summary: string;
  /** What may stand beside `strategy`. */
  readonly options: { readonly schema: z.ZodType<Options> };
}

/** A way to read rows. */
export interface ExtractorStrategy<Options extends object = object> extends LoadStrategy<Options> {
  /** Opens and reads nothing. @throws MillraceError `JOB_INVALID` naming the key */
  toSource(options: Options, place: StrategyPlace): Source;
}

/** A way to write rows. */
export interface LoaderStrategy<Options extends object = object> extends LoadStrategy<Options> {
  /** Opens and writes nothing. @returns nothing where nothing is to be written @throws MillraceError `JOB_INVALID` naming the key */
  toTarget(options: Options, place: StrategyPlace): DatasetTargets | undefined;
}

/** One that is built in, whose options have a table in the docs. */
export type Described<Strategy, Options extends object = object> = Strategy & { readonly options: Spec<Options> };

/** Strategies of a project, beside those that are built in; one of a built-in name takes its place. */
export interface LoadStrategies {
  readonly extractors?: readonly ExtractorStrategy[];
  readonly loaders?: readonly LoaderStrategy[];
}
