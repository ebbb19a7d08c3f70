// From names to formats, and from a declared output to its targets.
import type { DatasetOutput, DatasetTargets } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { sealedTable } from "../sealed/sealed-table.ts";
import type { Target, TargetAbilities, TargetFormat, TargetPlace } from "../target.ts";
import * as formats from "./targets.ts";

/** All formats, by name. */
export const targetFormats: readonly TargetFormat[] = Object.values(formats);

/** @throws MillraceError `TARGET_UNSUPPORTED` for a format that this version does not have */
export function findTargetFormat(name: string): TargetFormat {
  const found = [...targetFormats, sealedTable].find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = targetFormats.map((format) => format.name);
  throw new MillraceError("TARGET_UNSUPPORTED", `unknown format of a table: \`${name}\`${suggest(name, names)}`, {
    hint: `known formats: ${names.join(", ")}; a newer version of Millrace may have published it`,
  });
}

/** The format of datasets that name none, and of rows that were set aside. */
export function defaultFormat(): TargetFormat {
  const found = targetFormats.find(({ abilities }) => abilities.isDefault);
  if (found === undefined) throw new MillraceError("INTERNAL", "no format of tables is the default");
  return found;
}

/** Formats with an ability as people name them in a hint: `` `one`, `two` or `three` ``. */
export function nameFormatsThat(ability: keyof TargetAbilities): string {
  const able = targetFormats.filter(({ abilities }) => abilities[ability] === true);
  return alternatives.format(able.map(({ name }) => `\`${name}\``));
}

const alternatives = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** A format that an output names, with what it says of it. */
export interface NamedTarget {
  readonly format: TargetFormat;
  readonly options: object;
}

/** The formats that an output names, in its order. */
export function listNamedTargets(output: object): readonly NamedTarget[] {
  return Object.entries(output).flatMap(([name, options]) => {
    const format = targetFormats.find((known) => known.name === name);
    // what is no object is refused when the job is defined
    return format === undefined || options === undefined ? [] : [{ format, options: options as object }];
  });
}

/** The format of an output whose table does not take another mode than the one that made it. */
export function findFixedTarget(output: DatasetOutput): TargetFormat | undefined {
  return listNamedTargets(output).find(({ format }) => !format.abilities.changesMode)?.format;
}

/** Where an output asks for a table of the default format. */
export function findPathOf(output: DatasetOutput): string | undefined {
  const named = listNamedTargets(output).find(({ format }) => format.abilities.isDefault);
  return named !== undefined && "path" in named.options ? String(named.options.path) : undefined;
}

/** The output with a table of the default format at a path. */
export function withPath(output: DatasetOutput, path: string): DatasetOutput {
  return { ...output, [defaultFormat().name]: { path } };
}

/** The output with the places of tables that it names by a catalog. @throws MillraceError as `TargetFormat.locate` */
export async function locateOutput(
  output: DatasetOutput,
  paths: Pick<TargetPlace, "root" | "lake" | "home">,
): Promise<DatasetOutput> {
  const place = placeOf(output, paths);
  const located = await Promise.all(
    listNamedTargets(output).map(async ({ format, options }) => [
      format.name,
      (await format.locate?.(options, place)) ?? options,
    ]),
  );
  return { ...output, ...(Object.fromEntries(located) as DatasetTargets) };
}

/**
 * Targets in the order in which the output names them, of which the first is the one that other jobs read; without any, a table
 * of the default format in the lake.
 */
export function openTargets(output: DatasetOutput, paths: Pick<TargetPlace, "root" | "lake" | "home">): Target[] {
  const place = placeOf(output, paths);
  if (output.sealed === true) return [sealedTable.open({}, place)];
  const named = listNamedTargets(output);
  if (named.length === 0) return [defaultFormat().open({}, place)];
  return named.map(({ format, options }) => format.open(options, place));
}

function placeOf(
  { dataset, mode = "replace" }: DatasetOutput,
  { root, lake, home }: Pick<TargetPlace, "root" | "lake" | "home">,
): TargetPlace {
  return { root, lake, home, dataset, mode };
}
