// Attaches to an option the texts that zod cannot derive: the phrase of what is expected, and what holds when the
// option is left out but no value stands for that.
import { z } from "zod";

interface OptionNotes {
  /** Completes "expected `x` to be …" and stands in the column "type" of the docs. */
  readonly expected?: string;
  /** Stands in the column "default" of the docs, in words: "all cores". */
  readonly whenLeftOut?: string;
  /** What was given instead is not told. */
  readonly isSecret?: boolean;
}

const notes: z.core.$ZodRegistry<OptionNotes> = z.registry<OptionNotes>();

/** The schema with the phrase that completes "expected `x` to be …", such as "a size such as `2GB`". */
export function expecting<Schema extends z.ZodType>(expected: string, schema: Schema): Schema {
  notes.add(schema, { ...notes.get(schema), expected });
  return schema;
}

/** The schema of an option whose value is never told, also not when it is refused. */
export function concealing<Schema extends z.ZodType>(schema: Schema): Schema {
  notes.add(schema, { ...notes.get(schema), isSecret: true });
  return schema;
}

/** An option that may be left out. @param whenLeftOut says in words what holds then */
export function optional<Schema extends z.ZodType>(schema: Schema, whenLeftOut = "none"): z.ZodOptional<Schema> {
  const option = schema.optional();
  notes.add(option, { whenLeftOut });
  return option;
}

/** The notes of a schema, and of the one it was made from by `describe` and the like. */
export function notesOf(schema: z.core.$ZodType): OptionNotes {
  return notes.get(schema) ?? {};
}
