// Ties the schemas of a resource, one object of zod schemas by operation id, to the types of contract.ts, so that
// neither can change without the other.
import type { z } from "zod";
import type { Contract } from "./contract.ts";
import type { RouteName } from "./routes.ts";

/**
 * The schemas of a route: exactly the parts its contract has. Objects of requests are `z.strictObject`, so that what is not
 * known is refused by name; params, query and body are checked, the response is described.
 */
export type RouteSchemas<Name extends RouteName> = {
  readonly [Part in keyof Contract[Name]]: z.ZodType<Loose<Contract[Name][Part]>>;
};

/** `export const runSchemas: SchemasOf<"listRuns" | "showRun"> = { … }` */
export type SchemasOf<Names extends RouteName> = { readonly [Name in Names]: RouteSchemas<Name> };

/**
 * The same type where an optional property may also be `undefined`, which is what zod's `optional()` infers. JSON has no
 * `undefined`, so that a checked value is of the exact type too.
 */
export type Loose<Value> = Value extends string | number | boolean | null | undefined
  ? Value
  : Value extends readonly (infer Item)[]
    ? Value extends readonly [unknown, ...unknown[]]
      ? { readonly [Key in keyof Value]: Loose<Value[Key]> }
      : readonly Loose<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: Loose<Value[Key]> | OptionalUndefined<Value, Key> }
      : Value;

type OptionalUndefined<Value, Key extends keyof Value> = object extends Pick<Value, Key> ? undefined : never;
