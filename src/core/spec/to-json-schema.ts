// JSON Schema of what a person may write, for forms and editors.
import { z } from "zod";
import { unwrap } from "./expectation.ts";
import { notesOf } from "./option-notes.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** Describes a zod schema, such as that of the params of a job; `undefined` when JSON Schema has no words for it. */
export function toJsonSchema(schema: z.ZodType): JsonSchema | undefined {
  try {
    // `input`: what has a default may be left out.
    return z.toJSONSchema(schema, { io: "input", cycles: "throw" });
  } catch {
    return undefined;
  }
}

/**
 * Describes a spec, in the draft that editors know best. Options that only code can give, such as functions, are left out.
 * @param written the forms of such options in a file, by the phrase of what is expected in code
 */
export function toOptionsSchema(schema: z.ZodType, written: ReadonlyMap<string, JsonSchema> = new Map()): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      const { expected } = notesOf(zodSchema);
      if (def.type === "custom") Object.assign(jsonSchema, writtenForm(zodSchema, written));
      if (expected !== undefined) jsonSchema.description ??= expected;
      if (def.type === "object") leaveOutCode(def.shape, jsonSchema, written);
      if (def.type === "union" && jsonSchema.anyOf !== undefined) {
        jsonSchema.anyOf = jsonSchema.anyOf.filter((_, index) => !isCode(def.options[index], written));
      }
    },
  });
}

function leaveOutCode(
  shape: z.core.$ZodShape,
  jsonSchema: z.core.JSONSchema.BaseSchema,
  written: ReadonlyMap<string, JsonSchema>,
): void {
  for (const [name, option] of Object.entries(shape)) {
    if (!isCode(option, written)) continue;
    delete jsonSchema.properties?.[name];
    jsonSchema.required = jsonSchema.required?.filter((required) => required !== name) ?? [];
  }
}

function isCode(option: z.core.$ZodType | undefined, written: ReadonlyMap<string, JsonSchema>): boolean {
  if (option === undefined) return false;
  const inner = unwrap(option);
  return inner._zod.def.type === "custom" && writtenForm(inner, written) === undefined;
}

function writtenForm(schema: z.core.$ZodType, written: ReadonlyMap<string, JsonSchema>): JsonSchema | undefined {
  const { expected } = notesOf(schema);
  return expected === undefined ? undefined : written.get(expected);
}
