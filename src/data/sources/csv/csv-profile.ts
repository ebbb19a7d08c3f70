// What the texts of a column have in common: the kind of which every value is, written in the one way that gives the same text back.

/** Kinds of values that are inferred. Whatever else a text means stays text. */
export type TextKind = "boolean" | "date" | "number" | "timestamp" | "text";

export interface TextProfile {
  /** Absent without a single value. No text is of two kinds. */
  readonly kind?: TextKind;
  /** Of numbers: the most digits before and behind the point. */
  readonly wholeDigits: number;
  readonly scale: number;
  readonly isBigint: boolean;
  /** Whether each number is also the text of a double. */
  readonly isDouble: boolean;
  /** How timestamps are written: what stands before the time, then `Z` or `+` for instants. */
  readonly form?: string;
}

/** Of a column in which nothing but texts is to be found. */
export const textProfile: TextProfile = { kind: "text", wholeDigits: 0, scale: 0, isBigint: false, isDouble: false };

/** What several files, or parts of one, have in common in one column. */
export function joinProfiles(profiles: readonly TextProfile[]): TextProfile {
  const found = profiles.filter(({ kind }) => kind !== undefined);
  const [first] = found;
  // one way to write timestamps in the whole column; a fraction counts by its value
  if (found.some(({ kind, form }) => kind !== first?.kind || form !== first?.form)) return textProfile;
  return {
    ...first,
    wholeDigits: found.reduce((most, { wholeDigits }) => Math.max(most, wholeDigits), 0),
    scale: found.reduce((most, { scale }) => Math.max(most, scale), 0),
    isBigint: found.every(({ isBigint }) => isBigint),
    isDouble: found.every(({ isDouble }) => isDouble),
  };
}
