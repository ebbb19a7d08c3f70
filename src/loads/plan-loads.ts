// Which datasets the loaders of a job publish, and in which order. Loaders that can share one publication do: its rows are read,
// made and checked once. Tables of files keep no rows of earlier runs where others do, so that they are datasets of their own.
import type { DatasetOutput, DatasetTargets } from "../core/dataset/dataset.ts";
import { changesRows } from "../data/modes/row-rule.ts";
import { listNamedTargets } from "../data/targets/target-registry.ts";
import type { LoaderKey } from "./load-configuration.ts";

/** A loader that loads something. */
export interface Loader {
  readonly key: LoaderKey;
  /** Where the rows go, given the dataset. */
  toTargets(dataset: string): DatasetTargets;
}

/** What is published in one step. */
export interface PlannedLoad {
  readonly loaders: readonly Loader[];
  readonly output: DatasetOutput;
}

interface Draft {
  readonly loaders: Loader[];
  readonly formats: Set<string>;
  /** Whether rows get in as the job says; otherwise they replace those of the run before. */
  readonly isDeclared: boolean;
}

/**
 * Loads in the order of `loaders`. The first that gets rows in as `output` says has its dataset; each other one has a dataset with
 * the name of its loader behind it.
 */
export function planLoads(loaders: readonly Loader[], output: DatasetOutput): readonly PlannedLoad[] {
  const drafts: Draft[] = [];
  for (const loader of loaders) {
    const targets = listNamedTargets(loader.toTargets(output.dataset));
    const formats = targets.map(({ format }) => format.name);
    const isDeclared = targets.every(({ format }) => takesMode(format.abilities, output));
    const last = drafts.at(-1);
    const joins = last?.isDeclared === isDeclared && formats.every((format) => !last.formats.has(format));
    if (last === undefined || !joins) drafts.push({ loaders: [loader], formats: new Set(formats), isDeclared });
    else join(last, loader, formats);
  }
  const main = drafts.find(({ isDeclared }) => isDeclared) ?? drafts[0];
  return drafts.map((draft) => toLoad(draft, output, draft === main));
}

function join(draft: Draft, loader: Loader, formats: readonly string[]): void {
  draft.loaders.push(loader);
  for (const format of formats) draft.formats.add(format);
}

function takesMode(
  { merges, keepsHistory }: { readonly merges: boolean; readonly keepsHistory: boolean },
  { mode = "replace" }: DatasetOutput,
): boolean {
  return !changesRows(mode) || (mode === "scd2" ? keepsHistory : merges);
}

function toLoad({ loaders, isDeclared }: Draft, declared: DatasetOutput, isMain: boolean): PlannedLoad {
  const [first] = loaders;
  const suffix = first === undefined || isMain ? "" : `_${first.key.replace(/_loader_config$/, "")}`;
  const dataset = `${declared.dataset}${suffix}`;
  const { schema } = declared;
  const rule = isDeclared ? declared : schema === undefined ? {} : { schema };
  const targets = Object.assign({}, ...loaders.map((loader) => loader.toTargets(dataset))) as DatasetTargets;
  return { loaders, output: { ...rule, dataset, ...targets } };
}
