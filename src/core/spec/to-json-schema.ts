// JSON Schema of what a person may write, for forms and editors.
import { z } from "zod";
import { unwrap } from "./expectation.ts";

/** Describes a zod schema, such as that of the params of a job; `undefined` when JSON Schema has no words for it. */
export function toJsonSchema(schema: z.ZodType): Readonly<Record<string, unknown>> | undefined {
  try {
    // `input`: what has a default may be left out.
    return z.toJSONSchema(schema, { io: "input", cycles: "throw" });
  } catch {
    return undefined;
  }
}

/** Describes a spec. Options that only code can give, such as functions, are left out. */
export function toOptionsSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any", override: leaveOutCode });
}

function leaveOutCode({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const { def } = (zodSchema as z.core.$ZodTypes)._zod;
  if (def.type !== "object" || jsonSchema.properties === undefined) return;
  for (const [name, option] of Object.entries(def.shape)) {
    if (unwrap(option)._zod.def.type !== "custom") continue;
    delete jsonSchema.properties[name];
    jsonSchema.required = jsonSchema.required?.filter((required) => required !== name) ?? [];
  }
}
