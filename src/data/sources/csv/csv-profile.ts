// What the texts of a column have in common: the kind of which every value is, written in the one way that gives the same text back.

/** Kinds of values that are inferred. Whatever else a text means stays text. */
export type TextKind = "boolean" | "date" | "number" | "timestamp" | "text";

export interface TextProfile {
  /** Absent without a single value. No text is of two kinds. */
  readonly kind?: TextKind;
  /** Zero and all numbers, without their fractions, lie from the one to the other, which are as near as any type can tell. */
  readonly lowest: bigint;
  readonly highest: bigint;
  /** The most digits behind the point, as the numbers are written and without zeros at the end. */
  readonly scale: number;
  readonly digitsBehind: number;
  /** Whether each number is also one of a double. */
  readonly isDouble: boolean;
  /** The same of a float of 32 bits, where that was asked for. */
  readonly isFloat: boolean;
  /** How timestamps are written: what stands before the time, then `Z` or `+` for instants. */
  readonly form?: string;
}

/** The profile of a column in which nothing but texts is to be found. */
export const textProfile: TextProfile = {
  kind: "text",
  lowest: 0n,
  highest: 0n,
  scale: 0,
  digitsBehind: 0,
  isDouble: false,
  isFloat: false,
};

/** What several files, or parts of one, have in common in one column. */
export function joinProfiles(profiles: readonly TextProfile[]): TextProfile {
  const found = profiles.filter(({ kind }) => kind !== undefined);
  const [first] = found;
  // one way to write timestamps in the whole column; a fraction counts by its value
  if (found.some(({ kind, form }) => kind !== first?.kind || form !== first?.form)) return textProfile;
  return {
    ...first,
    lowest: found.reduce((least, { lowest }) => (lowest < least ? lowest : least), 0n),
    highest: found.reduce((most, { highest }) => (highest > most ? highest : most), 0n),
    scale: found.reduce((most, { scale }) => Math.max(most, scale), 0),
    digitsBehind: found.reduce((most, { digitsBehind }) => Math.max(most, digitsBehind), 0),
    isDouble: found.every(({ isDouble }) => isDouble),
    isFloat: found.every(({ isFloat }) => isFloat),
  };
}
