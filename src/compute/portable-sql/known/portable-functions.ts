// Each function that a portable query may call: with these arguments both engines give the same value, which
// `tests/services/spark/portable-sql.services.test.ts` shows by the examples.
import { aggregateFunctions } from "./aggregate-functions.ts";
import type { PortableFunction } from "./portable-function.ts";
import { scalarFunctions } from "./scalar-functions.ts";
import { textFunctions } from "./text-functions.ts";

/** All of them, by name. */
export const portableFunctions: ReadonlyMap<string, PortableFunction> = new Map(
  [...scalarFunctions, ...textFunctions, ...aggregateFunctions].map((each) => [each.name, each]),
);
