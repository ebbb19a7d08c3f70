// Defines the options of a source, put together from those of each kind, and checks them when the job is defined.
// Checks that need the source or the engine come later.
import type { z } from "zod";
import type { Source } from "../../core/dataset/source.ts";
import { type OptionPath, parseOptions, refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { describeKinds, listNamedKinds, sourceKinds } from "./source-registry.ts";
import type * as kinds from "./sources.ts";

/** Name of a kind of source. The package exports it, so that whoever reads its types also reads `SourceKinds` as it is below. */
export type SourceKindName = keyof typeof kinds;

/** Kind → what a job says of such a source. */
type DeclaredSources = { readonly [Name in SourceKindName]: Parameters<(typeof kinds)[Name]["open"]>[0] };

declare module "../../core/dataset/source.ts" {
  interface SourceKinds extends DeclaredSources {}
}

/** Exactly one kind, which `assertSource` looks at. */
export const sourceSpec: Spec<Source> = defineSpec<object>()(() => shapeOfAll()) as Spec as Spec<Source>;

/** The names are only known when the program runs, so that the compiler is told of none; `SourceKinds` has their types. */
function shapeOfAll(): Record<never, z.ZodType> {
  return Object.assign({}, ...sourceKinds.map(({ options }) => options.shape)) as Record<never, z.ZodType>;
}

/**
 * What no option can tell by itself.
 * @param path to the source, below `where`
 * @throws MillraceError `JOB_INVALID` naming the option
 */
export function assertSource(where: string, path: OptionPath, source: Source): void {
  const [kind, ...others] = listNamedKinds(source);
  if (kind === undefined || others.length > 0) {
    throw refusal(where, path, `an object with either ${describeKinds()}`, source);
  }
  for (const [option, value] of new Map<string, unknown>(Object.entries(source))) {
    if (value === undefined || option in kind.options.shape) continue;
    throw refusal(where, [...path, option], `left out beside \`${kind.name}\``, value);
  }
  kind.assertOptions?.(where, path, source);
}

/** A source that a run gives. @throws MillraceError `JOB_INVALID` naming the option */
export function assertGivenSource(where: string, source: Source): void {
  parseOptions(sourceSpec, source, `the source of ${where}`);
  assertSource(`the source of ${where}`, [], source);
}
