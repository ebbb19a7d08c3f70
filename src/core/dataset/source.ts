// Defines how a job declares where its rows come from.

/** Kind of source → what a job says of such a source; the kinds themselves add to this interface (`data/sources`). */
export interface SourceKinds {}

/** Exactly one kind of source. */
export type Source = OneOf<SourceKinds>;

/** What is said of one kind, without what is said of the others. */
type OneOf<Kinds> = {
  [Kind in keyof Kinds]: Kinds[Kind] & {
    readonly [Option in Exclude<OptionOf<Kinds[keyof Kinds]>, keyof Kinds[Kind]>]?: never;
  };
}[keyof Kinds];

type OptionOf<Said> = Said extends unknown ? keyof Said : never;

/** What a source without a single row means: an error, a warning, or nothing special. */
export type EmptyPolicy = "fail" | "warn" | "ok";
