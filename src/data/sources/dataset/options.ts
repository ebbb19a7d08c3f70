// Defines the options of a source that reads a published dataset, or what changed in it.
import { z } from "zod";
import { type DatasetReference, datasetReference } from "../../../core/dataset/dataset-handle.ts";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { integer } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** A published dataset: its latest version, or an earlier one that its table can still show. */
export interface DatasetSource {
  readonly dataset: DatasetReference;
  /** As `millrace show` tells it, from 1. */
  readonly version?: number;
  /** What changed since a version, instead of the rows that are there. A job goes on where its last run ended. */
  readonly cdf?: ChangeFeed;
}

/** Changes of a dataset that has a table with versions. */
export interface ChangeFeed {
  /** Where a job begins: a version of the table's log, or an instant. Default 0, with which the table was made. */
  readonly since?: number | string;
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text));
}

export const datasetSourceSpec: Spec<Partial<DatasetSource>> = defineSpec<Partial<DatasetSource>>()(() => ({
  dataset: optional(datasetReference()).describe("a published dataset"),
  version: optional(integer(1), "the latest").describe(
    "of a dataset: an earlier version that its table can still show, as `millrace show` tells it",
  ),
  cdf: optional(
    expecting(
      'an object such as `{ since: 12 }` or `{ since: "2026-01-31T06:00:00Z" }`',
      z.strictObject({ since: z.union([z.int().min(0), z.string().refine(isInstant)]).optional() }),
    ),
    "its rows",
  ).describe(
    "of a dataset: what changed `since` a version of its table's log or an instant (default 0), with `_change_type`, `_commit_version` and `_commit_timestamp`; each run reads on where the last one ended ([Delta tables](delta.md#change-data-feed))",
  ),
}));
