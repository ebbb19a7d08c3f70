// What the texts of a command line mean to the schemas that will check them: a value that is JSON is read as such, unless a
// schema wants the text that was typed. So `zip=12345` is a text where a text is declared, whatever its value looks like.
import { z } from "zod";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import type { Json } from "../../store/rows/run-records.ts";
import { type GivenParams, parseParamValue } from "./parse-params.ts";

/** Beyond this many doubtful values of a schema that is no object, only all of one kind are tried. */
const maxDoubts = 8;

/** Lists the param schemas of each job that a run of the target has. */
export function paramSchemasOf(target: Job | JobPipeline<string>): readonly z.ZodType[] {
  return target.kind === "job" ? [target.params] : target.nodes().map(({ job }) => job.params);
}

/** @param schemas of the params of each job that gets them; without any, JSON is read wherever there is some */
export function fitParams({ json, texts }: GivenParams, schemas: readonly z.ZodType[]): Readonly<Record<string, Json>> {
  const params = new Map<string, Json>(Object.entries(json));
  for (const [name, text] of texts) params.set(name, parseParamValue(text));
  const doubtful = [...texts].filter(([name]) => typeof params.get(name) !== "string").map(([name]) => name);
  for (const name of chooseTexts(params, texts, doubtful, schemas)) params.set(name, texts.get(name) ?? "");
  // fromEntries defines own properties, so that a param named `__proto__` is just a param.
  return Object.fromEntries(params);
}

// The names whose values stay the text that was typed.
function chooseTexts(
  params: ReadonlyMap<string, Json>,
  texts: ReadonlyMap<string, string>,
  doubtful: readonly string[],
  schemas: readonly z.ZodType[],
): readonly string[] {
  const byName = doubtful.filter((name) => {
    const fields = schemas.flatMap((schema) => fieldOf(schema, name));
    return fields.length > 0 && wantsText(fields, params.get(name) ?? null, texts.get(name) ?? "");
  });
  const whole = schemas.filter((schema) => !(schema instanceof z.ZodObject));
  const open = doubtful.filter((name) => !byName.includes(name));
  if (whole.length === 0 || open.length === 0) return byName;
  const accepts = (chosen: readonly string[]): boolean => {
    const entries = [...params].map(([name, value]) => [name, chosen.includes(name) ? texts.get(name) : value]);
    return whole.every((schema) => schema.safeParse(Object.fromEntries(entries)).success);
  };
  return [...byName, ...(subsetsOf(open).find(accepts) ?? [])];
}

function fieldOf(schema: z.ZodType, name: string): readonly z.ZodType[] {
  if (!(schema instanceof z.ZodObject) || !Object.hasOwn(schema.shape, name)) return [];
  // The shape of an object is declared with types that zod keeps to itself.
  return [schema.shape[name] as z.ZodType];
}

function wantsText(fields: readonly z.ZodType[], value: Json, text: string): boolean {
  if (!fields.every((field) => field.safeParse(text).success)) return false;
  return fields.some((field) => {
    const parsed = field.safeParse(value);
    // A schema that makes a text or a date of the number would rather have had what was typed.
    return !parsed.success || typeof parsed.data === "string" || parsed.data instanceof Date;
  });
}

// The fewest texts first.
function subsetsOf(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length > maxDoubts) return [[], names];
  let subsets: (readonly string[])[] = [[]];
  for (const name of names) subsets = [...subsets, ...subsets.map((subset) => [...subset, name])];
  return subsets.toSorted((a, b) => a.length - b.length);
}
