// What the texts of a column have in common, found in one pass over any number of rows: the kinds of which every value is, written
// in the one way that gives the same text back.
import { type EngineSession, quoteIdentifier, type Row } from "../../../compute/engine.ts";

/** Kinds of values that are inferred. Whatever else a text means stays text. */
export type TextKind = "boolean" | "date" | "number" | "timestamp";

export const textKinds: readonly TextKind[] = ["boolean", "date", "number", "timestamp"];

export interface TextProfile {
  readonly hasValues: boolean;
  /** Kinds of all values; without a value, all that were asked for. */
  readonly kinds: readonly TextKind[];
  /** Of numbers: the most digits before and behind the point. */
  readonly wholeDigits: number;
  readonly scale: number;
  readonly isBigint: boolean;
  /** The fewest digits behind the point. */
  readonly leastScale: number;
  /** Whether each number is also the text of a double, where that was asked for. */
  readonly isDouble: boolean;
  /** Length of all texts, where it is one. */
  readonly length?: number;
  /** Whether every text is as it was claimed to be. */
  readonly holdsClaim: boolean;
  /** How timestamps are written, where all are written alike: what stands before the time, then `Z` or `+` for instants. */
  readonly form?: string;
}

/** What is asked of a column: the kinds that its values may be of, or one condition in SQL that each text shall meet. */
export type Suspicion =
  | { readonly kinds: readonly TextKind[]; readonly asDouble: boolean }
  | { readonly claim: (text: string) => string };

/**
 * Profiles text columns in one query.
 * @param rows SQL of rows with these columns, as text
 */
export async function profileTexts(
  session: EngineSession,
  rows: string,
  suspects: ReadonlyMap<string, Suspicion>,
): Promise<ReadonlyMap<string, TextProfile>> {
  if (suspects.size === 0) return new Map();
  const columns = [...suspects];
  const measures = columns.flatMap(([name, suspicion], index) =>
    Object.entries(measure(quoteIdentifier(name), suspicion)).map(([key, sql]) => `${sql} AS ${keyOf(index, key)}`),
  );
  const [row = {}] = await session.query(`SELECT ${measures.join(", ")} FROM (\n${rows}\n)`);
  return new Map(columns.map(([name, suspicion], index) => [name, toProfile(row, index, suspicion)]));
}

type Measures = Readonly<Record<string, string>>;

function measure(text: string, suspicion: Suspicion): Measures {
  const values = `count(${text})`;
  if ("claim" in suspicion) return { values, claim: `count(*) FILTER (${suspicion.claim(text)}) = count(${text})` };
  const { kinds, asDouble } = suspicion;
  const measures = { values, least_length: `min(strlen(${text}))`, length: `max(strlen(${text}))` };
  // fifteen digits survive in any double; longer texts must be what the engine prints
  const double = { double: `bool_and(strlen(${text}) <= 15 OR TRY_CAST(${text} AS DOUBLE)::VARCHAR = ${text})` };
  return Object.assign(measures, asDouble ? double : {}, ...kinds.map((kind) => measuresOf[kind](text)));
}

// A boolean is one of two words. A number has no leading zero, no plus, no exponent, and no sign at zero. Dates and times of day
// are those of the calendar, and the years have four digits.
const number = "-?[1-9][0-9]*([.][0-9]+)?|0([.][0-9]+)?|-0[.][0-9]*[1-9][0-9]*";
const day = "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}";
const time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?";

const measuresOf: Readonly<Record<TextKind, (text: string) => Measures>> = {
  boolean: (text) => ({ boolean: `bool_and(${text} IN ('true', 'false'))` }),
  date: (text) => ({
    date: `bool_and(strlen(${text}) = 10 AND coalesce(TRY_CAST(${text} AS DATE)::VARCHAR, '') = ${text})`,
  }),
  number: (text) => {
    const point = `strpos(${text}, '.')`;
    const digits = `strlen(${text}) - starts_with(${text}, '-')::BIGINT`;
    const scale = `CASE WHEN ${point} = 0 THEN 0 ELSE strlen(${text}) - ${point} END`;
    return {
      number: `bool_and(${matches(text, number)})`,
      whole: `max(CASE WHEN ${point} = 0 THEN ${digits} ELSE ${point} - 1 END)`,
      scale: `max(${scale})`,
      least_scale: `min(${scale})`,
      bigint: isEach(text, `TRY_CAST(${text} AS BIGINT)`),
    };
  },
  timestamp: (text) => {
    const form = `${text}[11] || CASE WHEN ends_with(${text}, 'Z') THEN 'Z' WHEN contains(${text}, '+') THEN '+' ELSE '' END`;
    return {
      timestamp: isEach(
        text,
        `CASE WHEN ${matches(text, `${day}[T ]${time}(Z|[+]00:00)?`)} THEN TRY_CAST(${text} AS TIMESTAMP) END`,
      ),
      least_form: `min(${form})`,
      greatest_form: `max(${form})`,
    };
  },
};

/** Whether every text gives a value. */
function isEach(text: string, value: string): string {
  return `count(${value}) = count(${text})`;
}

function matches(text: string, pattern: string): string {
  return `regexp_full_match(${text}, '${pattern}')`;
}

function keyOf(index: number, measure: string): string {
  return `c${index}_${measure}`;
}

function toProfile(row: Row, index: number, suspicion: Suspicion): TextProfile {
  const asked = "kinds" in suspicion ? suspicion.kinds : [];
  const get = (measure: string): unknown => row[keyOf(index, measure)];
  // one way to write timestamps in the whole column; a fraction counts by its value
  const [form, other] = [get("least_form"), get("greatest_form")];
  return {
    hasValues: Number(get("values")) > 0,
    kinds: asked.filter((kind) => get(kind) !== false && (kind !== "timestamp" || form === other)),
    wholeDigits: Number(get("whole") ?? 0),
    scale: Number(get("scale") ?? 0),
    leastScale: Number(get("least_scale") ?? 0),
    isBigint: get("bigint") === true,
    isDouble: get("double") === true,
    holdsClaim: get("claim") === true,
    ...(get("length") === get("least_length") ? { length: Number(get("length") ?? 0) } : {}),
    ...(typeof form === "string" && form === other ? { form } : {}),
  };
}
