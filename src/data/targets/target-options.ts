// Defines the options of an output's targets, put together from those of each format.
import type { z } from "zod";
import type { DatasetTargets } from "../../core/dataset/dataset.ts";
import { optional } from "../../core/spec/option-notes.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { targetFormats } from "./target-registry.ts";
import type * as formats from "./targets.ts";

/** Name of a format. The package exports it, so that whoever reads its types also reads `DatasetTargets` as it is below. */
export type TargetFormatName = keyof typeof formats;

/** Name of a format → what an output says of a table in it. */
type DeclaredTargets = { readonly [Name in TargetFormatName]?: Parameters<(typeof formats)[Name]["open"]>[0] };

declare module "../../core/dataset/dataset.ts" {
  interface DatasetTargets extends DeclaredTargets {}
}

/** An option for each format. */
export const targetsSpec: Spec<DatasetTargets> = defineSpec<object>()(() => shapeOfAll());

/** The names are only known when the program runs, so that the compiler is told of none; `DatasetTargets` has their types. */
function shapeOfAll(): Record<never, z.ZodType> {
  return Object.fromEntries(
    targetFormats.map(({ name, summary, options, abilities }) => {
      const whenLeftOut = abilities.isDefault ? "`{}` when no other target is named" : "none";
      return [name, optional(options.schema, whenLeftOut).describe(summary)] as const;
    }),
  );
}
