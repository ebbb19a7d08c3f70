// The texts and numbers that requests of all resources are made of, each bounded. Values of a query arrive as text.
import { z } from "zod";
import type { JsonValue, Page } from "../page.ts";

/** `r42`; a number that no run can have is refused here. */
export const runIdText: z.ZodType<string> = z
  .string()
  .regex(/^r[1-9]\d{0,14}$/, "expected a run id like `r42`")
  .meta({ id: "RunId", example: "r42" });

/** Any text is taken: what no job is called is answered with 404, not with 400. */
export const nameText: z.ZodType<string> = z.string().min(1).max(200);

/** What a person says: at most 500 characters. */
export const reasonText: z.ZodType<string> = z.string().max(500);

/** Text to search for. */
export const searchText: z.ZodType<string> = z.string().max(200);

/** Opaque position of a page. */
export const cursorText: z.ZodType<string> = z.string().min(1).max(500);

/** Such as `30d`. */
export const durationText: z.ZodType<string> = z.string().min(1).max(40).meta({ example: "30d" });

/** In requests: an instant with its offset; `2026-03-01T06:00:00Z`. */
export const instantText: z.ZodType<string> = z.iso
  .datetime({ offset: true, error: "expected an instant like `2026-03-01T06:00:00Z`" })
  .meta({ example: "2026-03-01T06:00:00Z" });

/** An end of a window: a day or an instant. */
export const windowText: z.ZodType<string> = z.string().min(1).max(40).meta({ example: "2026-03-01" });

/** A version of something that is changed, as the caller saw it; 0 before the first. */
export const versionNumber: z.ZodType<number> = z.int().min(0);

/** A boolean of a query. */
export const queryFlag: z.ZodType<boolean> = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .meta({ override: { type: "boolean" } });

/** A whole number of a query. */
export function queryInteger(minimum: number, maximum: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d{1,15}$/, "expected a whole number")
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum))
    .meta({ override: { type: "integer", minimum, maximum } });
}

/** Fields of `PageQuery`, to spread into a strict object. */
export const pageFields: {
  readonly cursor: z.ZodOptional<z.ZodType<string>>;
  readonly limit: z.ZodOptional<z.ZodType<number>>;
} = { cursor: cursorText.optional(), limit: queryInteger(1, 500).optional() };

/** Anything JSON can hold. The server has bounded bytes and depth before. */
export const jsonValue: z.ZodType<JsonValue> = z.json().meta({ id: "JsonValue", override: {} });

/** An object of JSON values, such as params. */
export const jsonObject: z.ZodType<Readonly<Record<string, JsonValue>>> = z.record(z.string(), jsonValue);

/** A page of a list. */
export function pageOf<Item>(item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** A list that needs no pages. */
export function listOf<Item>(item: z.ZodType<Item>): z.ZodType<{ readonly items: readonly Item[] }> {
  return z.object({ items: z.array(item) });
}
