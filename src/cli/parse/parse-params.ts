// Params of the command line: `--param name=value`, repeated, over `--params '{…}'`.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Json } from "../../store/rows/run-records.ts";

/** Params as they were typed. What a text means is known when the schemas of the params are, see fit-params.ts. */
export interface GivenParams {
  /** From JSON, so their types are meant. */
  readonly json: Readonly<Record<string, Json>>;
  /** By name; each wins over the JSON. */
  readonly texts: ReadonlyMap<string, string>;
}

/** A value that is JSON is read as such, anything else is text; numbers that JavaScript would change stay text. */
export function parseParamValue(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** Reads JSON; whole numbers beyond 2^53 and numbers too large to be finite are given as text. @throws SyntaxError */
export function parseJson(text: string): Json {
  return JSON.parse(text, keepExact) as Json;
}

function keepExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined) return value;
  const isChanged = !Number.isFinite(value) || (/^-?\d+$/.test(source) && !Number.isSafeInteger(value));
  return isChanged ? source : value;
}

/** @throws MillraceError `USAGE_INVALID` */
export function parseParams(pairs: readonly string[], json: string | undefined): GivenParams {
  const texts = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new MillraceError("USAGE_INVALID", `expected \`--param name=value\`, got: \`${pair}\``);
    const name = pair.slice(0, equals);
    if (texts.has(name)) throw new MillraceError("USAGE_INVALID", `param \`${name}\` is given twice`);
    texts.set(name, pair.slice(equals + 1));
  }
  return { json: json === undefined ? {} : parseObject(json), texts };
}

function parseObject(json: string): Readonly<Record<string, Json>> {
  const value = parseParamValue(json);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, Json>>;
  throw new MillraceError("USAGE_INVALID", `expected \`--params\` to be a JSON object, got: \`${json.slice(0, 80)}\``);
}
