// Values of rows as a test compares them.

/** A whole number, or null; the engine gives 64-bit ones as bigints. */
export function toNumber(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** Seconds since 1970 of an instant as the engine or a service writes it, or null. */
export function toSeconds(value: unknown): number | null {
  if (typeof value !== "string") return null;
  return Date.parse(value.replace(" ", "T").replace(/\+00$/, "Z")) / 1000;
}
