// Defines what publishing needs to know about the attempt that it works for.
import type { ReplayOutput } from "../../core/stream/replay.ts";
import type { Cluster } from "../../compute/cluster.ts";
import type { Engine } from "../../compute/engine.ts";
import type { JobLogger } from "../../core/job/job-context.ts";
import type { RunId } from "../../core/run-id.ts";
import type { TopicReader } from "../../core/stream/topic-reader.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { SealedFields } from "../../connections/registry/field-cipher.ts";
import type { DatasetCatalog } from "../datasets/dataset-catalog.ts";
import type { SourceOpening } from "../source.ts";
import type { Failpoint, TableReading } from "../target.ts";

/** Absolute folders of the project. */
export interface DataPaths {
  readonly root: string;
  /** Where datasets go that name no target; it may be an address of a bucket. */
  readonly lake: string;
  /** Where the project keeps what is its own. */
  readonly home: string;
  /** Files and folders that define jobs, relative to the project or absolute. */
  readonly definitions?: readonly string[];
  /** Rows before they are published, and the journals of publications; see `staging-place.ts` for tables on other disks. */
  readonly staging: string;
}

/** The attempt that publishes. */
export interface DataRun {
  readonly id: RunId;
  readonly job: string;
  readonly epoch: number;
  readonly createdAtMs: number;
  /** The part of time that it is to fill, where it is given one. */
  readonly window?: Window;
}

/** An entry of the run's history. */
export interface DataEvent {
  readonly type:
    | "computed_elsewhere"
    | "staged"
    | "checks_evaluated"
    | "quarantined"
    | "kept_answers_used"
    | "quarantine_resolved"
    | "schema_changed"
    | "dataset_published"
    | "warning";
  readonly data: EventData;
}

/** Anything JSON can hold. */
export type EventData = null | boolean | number | string | readonly EventData[] | { readonly [key: string]: EventData };

/** What publishing does for a replay. */
export interface ReplayScope {
  readonly id: string;
  /** Told what the job would have published to, so that a swap can do it. */
  note(output: ReplayOutput): Promise<void>;
}

export interface PublishScope {
  readonly engine: Engine;
  /** Computes queries that are for a cluster; absent where the project has none. */
  readonly cluster?: Cluster;
  readonly catalog: DatasetCatalog;
  readonly paths: DataPaths;
  readonly run: DataRun;
  /** What queries read without naming it again: datasets that the job declares, and names of `topics`. */
  readonly inputs: readonly string[];
  /** Reads records; absent where there is no log. */
  readonly topics?: TopicReader;
  /** Connections of the project by name. */
  readonly connect?: SourceOpening["connect"];
  /** Told of each exchange with a service. */
  readonly observer?: SourceOpening["observer"];
  /** Where requests are written down that change something elsewhere. */
  readonly ledger?: SourceOpening["ledger"];
  /** Masks secrets that are known. */
  readonly redact?: SourceOpening["redact"];
  /** Told secrets that are among the values of rows. */
  readonly onSecret?: SourceOpening["onSecret"];
  readonly tape?: SourceOpening["tape"];
  /** Encrypts rows of datasets that are sealed. */
  readonly seal?: TableReading["seal"];
  /** Whether everything that the run publishes is sealed. */
  readonly isSealing: boolean;
  /** Encrypts values of rows; absent where there is no key. */
  readonly cipher?: () => SealedFields;
  readonly signal: AbortSignal;
  readonly log: JobLogger;
  readonly failpoint: Failpoint;
  now(): number;
  emit(event: DataEvent): Promise<void>;
  /** Tells what is being done now, in a few words. */
  operation(text: string): void;
  /** Whether what is published takes the place of all rows and columns that are there. */
  readonly isFullRefresh: boolean;
  /** How many rows of each source are read for a sample; absent for everything else. */
  readonly sampleRows?: number;
  /** The replay that the run belongs to; absent for everything else. */
  readonly replay?: ReplayScope;
  /** Staging folder of the attempt. */
  readonly folder: string;
  /** Identifies the run in targets: two stores may both have a run 1. */
  readonly runKey: string;
  /** Cleans up what earlier attempts of the run left unpublished; done once. */
  concludeEarlier(): Promise<void>;
}
