// From a declared source to its kind.
import type { DatasetReference } from "../../core/dataset/dataset-handle.ts";
import type { SourcePlan } from "../../core/dataset/source-plan.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { TopicName } from "../../core/stream/topic-name.ts";
import type { PassingRows } from "../passing-rows.ts";
import type { OpenSource, SourceKind, SourceOpening, SourcePlanning, UnitAbility } from "../source.ts";
import * as kinds from "./sources.ts";
import { tellSecrets } from "./tell-secrets.ts";

/** All kinds of sources. */
export const sourceKinds: readonly SourceKind[] = Object.values(kinds);

/** The kinds that a source names; exactly one in a source that makes sense. */
export function listNamedKinds(source: object): readonly SourceKind[] {
  const said = new Map<string, unknown>(Object.entries(source));
  return sourceKinds.filter(({ name }) => said.get(name) !== undefined);
}

/** The options of which a source has one, as people read them: `` `one`, `two` or `three` ``. */
export function describeKinds(): string {
  return alternatives.format(sourceKinds.map(({ name }) => `\`${name}\``));
}

const alternatives = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** Opens a source that was looked at when its job was defined. */
export async function openSource(source: object, opening: SourceOpening): Promise<OpenSource> {
  tellSecrets(opening);
  return await kindOf(source).open(source, opening);
}

/** Rows of a source as it has them, for somebody who takes them so; `undefined` where that cannot be. */
export async function passSource<T>(
  source: object,
  passing: { readonly format: string; readonly signal: AbortSignal },
  work: (rows: PassingRows) => Promise<T>,
): Promise<T | undefined> {
  return await kindOf(source).pass?.(source, passing, work);
}

/** What a source would read now; `undefined` when it cannot be told. */
export async function planSource(source: object, planning: SourcePlanning): Promise<SourcePlan | undefined> {
  tellSecrets(planning);
  return await kindOf(source).plan?.(source, planning);
}

/** Datasets that a source reads. */
export function listSourceInputs(source: object): readonly DatasetReference[] {
  return kindOf(source).inputs?.(source) ?? [];
}

/** The dataset whose changes a source reads, if it reads such. */
export function findChangedDataset(source: object): DatasetReference | undefined {
  return kindOf(source).changesOf?.(source);
}

/** The topic whose records a source reads, if it reads such. */
export function findReadTopic(source: object): TopicName | undefined {
  return kindOf(source).topicOf?.(source);
}

/** Connections that a source goes through. */
export function listSourceConnections(source: object): readonly string[] {
  const kind = kindOf(source);
  return kind.connections?.(source) ?? [];
}

/** Whether a source is read in units. */
export function takesVariables(source: object): boolean {
  return kindOf(source).takesVariables?.(source) === true;
}

/** What the kind of a source can do with units. */
export function unitAbilities(source: object): readonly UnitAbility[] {
  return kindOf(source).unitAbilities ?? [];
}

/** Whether files of the source are put elsewhere as they are. */
export function deliversFiles(source: object): boolean {
  return kindOf(source).deliversFiles?.(source) === true;
}

/** Whether the columns of a source are known before a row has come. */
export function declaresColumns(source: object): boolean {
  return kindOf(source).declaresColumns?.(source) === true;
}

/** Whether the job has to say how it waits for the source. */
export function needsWait(source: object): boolean {
  return kindOf(source).needsWait?.(source) === true;
}

function kindOf(source: object): SourceKind {
  const [kind] = listNamedKinds(source);
  if (kind === undefined) throw new MillraceError("INTERNAL", "a source has no kind");
  return kind;
}
