// A value that is of exactly one kind, where each kind has options of its own.

/** What is said of one kind, without what is said of the others. @typeParam Kinds name of a kind → what is said of it */
export type OneOf<Kinds> = {
  [Kind in keyof Kinds]: Kinds[Kind] & {
    readonly [Option in Exclude<OptionOf<Kinds[keyof Kinds]>, keyof Kinds[Kind]>]?: never;
  };
}[keyof Kinds];

type OptionOf<Said> = Said extends unknown ? keyof Said : never;
