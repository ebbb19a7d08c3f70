// The cheapest look at a column: whether every text is exactly what the engine prints of its value in a type that is expected. Most
// columns keep what their first rows promise, so that one comparison a value is all that inference costs.
import type { TextProfile } from "./csv-profile.ts";

/**
 * SQL, over SQL of a text, that is true where the value of `type` gives the text back; `undefined` where a value has several texts,
 * such as 2.5 and 2.50, or the engine is slow to print it.
 * @param profile of the rows that promise the type
 */
export function claimOf(type: string, profile: TextProfile): ((text: string) => string) | undefined {
  if (type === "BOOLEAN") return (text) => `${text} IN ('true', 'false')`;
  // the engine also knows infinite days and those before Christ
  if (type === "DATE") return (text) => `strlen(${text}) = 10 AND ${printsAs(text, type)}`;
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return (text) => printsAs(text, type);
  const [, precision, scale] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  if (scale !== undefined && Number(precision) <= 18) {
    const isOneForm = profile.leastScale === Number(scale) && profile.scale === Number(scale);
    return isOneForm ? (text) => printsAs(text, type) : undefined;
  }
  const format = type.startsWith("TIMESTAMP") ? timestampFormat(profile) : undefined;
  return format === undefined ? undefined : (text) => `strftime(TRY_CAST(${text} AS TIMESTAMP), '${format}') = ${text}`;
}

function printsAs(text: string, type: string): string {
  return `TRY_CAST(${text} AS ${type})::VARCHAR = ${text}`;
}

const lengthOfSeconds = "2026-01-01 00:00:00".length;
const zones: Readonly<Record<string, string>> = { "": "", Z: "Z", "+": "+00:00" };
/** By length, with the point. */
const fractions: Readonly<Record<number, string>> = { 0: "", 4: ".%g", 7: ".%f" };

function timestampFormat({ form, length }: TextProfile): string | undefined {
  const zone = form === undefined ? undefined : zones[form.slice(1)];
  if (form === undefined || zone === undefined || length === undefined) return undefined;
  const fraction = fractions[length - lengthOfSeconds - zone.length];
  return fraction === undefined ? undefined : `%Y-%m-%d${form.slice(0, 1)}%H:%M:%S${fraction}${zone}`;
}
