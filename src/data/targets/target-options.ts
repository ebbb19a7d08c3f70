// What an output may say of its targets, put together from what each format takes.
import type * as formats from "./targets.ts";

type Formats = typeof formats;

/** Name of a format → what an output says of a table in it. */
type DeclaredTargets = { readonly [Name in keyof Formats]?: Parameters<Formats[Name]["open"]>[0] };

declare module "../../core/dataset/dataset.ts" {
  interface DatasetTargets extends DeclaredTargets {}
}
