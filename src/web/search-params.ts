// The address bar as state: plain `?name=text` pairs, nothing encoded twice, so that people can read, share and edit addresses.
// Every screen reads its own with the functions here; what it does not know or cannot use is left out.

/** What an address says, before a screen has looked at it. */
export type RawSearch = Readonly<Record<string, unknown>>;

/** Repeated names keep the last value. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text.startsWith("?") ? text.slice(1) : text));
}

/** Leaves out what is undefined, null, false or empty; `true` becomes `1`. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === true) params.set(name, "1");
    else if (typeof value === "number" || (typeof value === "string" && value !== "")) params.set(name, String(value));
  }
  return params.size === 0 ? "" : `?${params}`;
}

/** Text of at most 500 characters. */
export function readText(raw: RawSearch, name: string): string | undefined {
  const value = raw[name];
  return typeof value === "string" && value !== "" ? value.slice(0, 500) : undefined;
}

export function readOneOf<Value extends string>(
  raw: RawSearch,
  name: string,
  values: readonly Value[],
): Value | undefined {
  return values.find((value) => value === raw[name]);
}

/** Values of a comma-separated list that are known. */
export function readSomeOf<Value extends string>(
  raw: RawSearch,
  name: string,
  values: readonly Value[],
): readonly Value[] {
  const given = readText(raw, name)?.split(",") ?? [];
  return values.filter((value) => given.includes(value));
}

export function readFlag(raw: RawSearch, name: string): true | undefined {
  return raw[name] === "1" || raw[name] === "true" || raw[name] === true ? true : undefined;
}

/** A whole number in the range. */
export function readNumber(raw: RawSearch, name: string, min: number, max: number): number | undefined {
  const value = raw[name];
  const number =
    typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
  return Number.isInteger(number) && number >= min && number <= max ? number : undefined;
}
