// Defines what the server needs of an open project; the composition root provides it.
import type { Job } from "../core/job/job.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import type { Freshness } from "../core/dataset/freshness.ts";
import type { CatalogReader } from "../core/dataset/catalog-reader.ts";
import type { DatasetReader } from "../core/dataset/dataset-reader.ts";
import type { QuarantineReader } from "../core/dataset/quarantine.ts";
import type { Window } from "../core/schedule/window.ts";
import type { BackfillCall, BackfillOutcome, BackfillScope } from "../orchestrator/scheduling/backfill.ts";
import type { BackfillPlan } from "../orchestrator/scheduling/plan-backfill.ts";
import type { AccessStore } from "../store/access/access-store.ts";
import type { BrowseStore } from "../store/browse/browse-store.ts";
import type { FeedStore } from "../store/feed/feed-store.ts";
import type { NotificationDesk } from "./notification-desk.ts";
import type { ConnectionDesk } from "./connection-desk.ts";
import type { ReplayDesk } from "./replay-desk.ts";
import type { StreamDesk } from "./stream-desk.ts";
import type { Json, SubmitResult } from "../store/rows/run-records.ts";
import type { StateStore } from "../store/state/state-store.ts";
import type { Store } from "../store/store.ts";

export interface ServerServices {
  readonly store: Store & FeedStore & BrowseStore & AccessStore & StateStore;
  /** Name of the project's folder, and its absolute path (never sent to clients). */
  readonly project: {
    readonly name: string;
    readonly root: string;
    /** The environment that its store belongs to; `undefined` for none. */
    readonly environment: string | undefined;
    readonly isProduction: boolean;
  };
  /** Version of this package. */
  readonly version: string;
  /** As they are now: `millrace dev` loads them again when files change. Ask at every request. */
  readonly definitions: () => ServerDefinitions;
  /** How old datasets may be, for those of which that is said. */
  readonly freshness: () => ReadonlyMap<string, Freshness>;
  /** @throws MillraceError `JOB_UNKNOWN` | `PARAMS_INVALID` */
  submit(name: string, options: SubmitRequest): Promise<SubmitResult>;
  readonly quarantine: QuarantineReader;
  readonly rows: DatasetReader;
  readonly catalog: CatalogReader;
  readonly connections: ConnectionDesk;
  readonly notifications: NotificationDesk;
  readonly streams: StreamDesk;
  readonly replays: ReplayDesk;
  planBackfill(name: string, scope: BackfillScope): Promise<BackfillPlan>;
  backfill(name: string, call: BackfillCall): Promise<BackfillOutcome>;
}

export interface ServerDefinitions {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly pipelines: ReadonlyMap<string, JobPipeline<string>>;
  /** Relative to the project. */
  fileOf(name: string): string | undefined;
  /** @throws MillraceError `JOB_UNKNOWN` with the closest name */
  find(name: string): Job | JobPipeline<string>;
}

export interface SubmitRequest {
  readonly params: Readonly<Record<string, Json>>;
  readonly window?: Window;
  readonly createdBy: string;
  readonly tenant?: string;
  /** Although an unfinished run of the same name, params, window and tenant exists. */
  readonly again?: boolean;
}
