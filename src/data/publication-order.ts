// The order of publications: a run publishes a dataset once, and a replace never goes over one of a run that was submitted later.
import type { WriteMode } from "../core/dataset/dataset.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { formatRunId, type RunId } from "../core/run-id.ts";
import type { Writer } from "./target.ts";

/** Identifies a run among all runs of all stores: two stores may both have a run 1. The same for each of its attempts. */
export function toRunKey(id: RunId, createdAtMs: number): string {
  return `${formatRunId(id)}-${createdAtMs.toString(36)}`;
}

/** Tells whether the run of `key` was submitted after that of `other`; false for keys of another form. */
export function isLaterRun(key: string, other: string): boolean {
  const [one, two] = [parseRunKey(key), parseRunKey(other)];
  if (one === undefined || two === undefined) return false;
  return one.createdAtMs === two.createdAtMs ? one.id > two.id : one.createdAtMs > two.createdAtMs;
}

/** What a target remembers of the publications of a dataset. */
export interface PublicationMemory {
  /** Whether the run that publishes now has published before, whatever came after it. */
  readonly hasOwn: boolean;
  /** The publication that nothing came after. */
  readonly last?: { readonly runKey: string; readonly fingerprint: string };
}

/**
 * Tells whether there is nothing left to do: the run has published before. Only while nobody came after it and nothing was
 * recorded may it put other rows in the place of its own, as an attempt does that reads a source anew.
 * @throws MillraceError `RUN_SUPERSEDED` for a replace that comes after one of a later run
 */
export function isPublicationDone(mode: WriteMode, writer: Omit<Writer, "job">, memory: PublicationMemory): boolean {
  const { hasOwn, last } = memory;
  if (hasOwn) return mode === "append" || last?.runKey !== writer.runKey || last.fingerprint === writer.fingerprint;
  if (mode === "replace" && last !== undefined && isLaterRun(last.runKey, writer.runKey)) {
    throw superseded(writer.dataset, last.runKey.replace(/-.*/, ""));
  }
  return false;
}

/** @param by the run whose rows are there, as people call it */
export function superseded(dataset: string, by: string): MillraceError {
  return new MillraceError(
    "RUN_SUPERSEDED",
    `a run that was submitted later has replaced the rows of dataset \`${dataset}\`, run: \`${by}\``,
    {
      hint: "its rows stay; if those of this run are wanted after all, start the job anew with the same params: a new run may replace them",
    },
  );
}

function parseRunKey(key: string): { readonly id: number; readonly createdAtMs: number } | undefined {
  const [, id, created] = /^r(\d+)-([0-9a-z]+)$/.exec(key) ?? [];
  return id === undefined || created === undefined
    ? undefined
    : { id: Number(id), createdAtMs: Number.parseInt(created, 36) };
}
