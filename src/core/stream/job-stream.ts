// What a job says of the topics that it works through, for those who keep its workers alive and show people how far they are.
import type { StoreDefinition } from "./store.ts";
import type { Topic } from "./topic.ts";

/** How many runs of a job work at once, kept alive by the scheduler. */
export interface Replicas {
  readonly min: number;
  readonly max: number;
  /** Records waiting for each replica before another one is started; undefined where `min` is `max`. */
  readonly lagPerReplica: number | undefined;
}

/** When what has come makes a batch; whichever is first. */
export interface BatchTrigger {
  readonly records: number | undefined;
  readonly bytes: number | undefined;
  /** Since the first record of the batch came. */
  readonly ageMs: number | undefined;
  /** A schedule, see `ScheduleOptions`; the batch is what has come by then. */
  readonly cron: { readonly cron: string; readonly timeZone: string } | undefined;
}

/** `records`: handled as they come. `batches`: a run per batch. `join`: several topics by a key. */
export type JobStreamKind = "records" | "batches" | "join";

export interface JobStream {
  readonly kind: JobStreamKind;
  /** The name of the group; that of the job. */
  readonly group: string;
  readonly topics: readonly Topic[];
  /** Topics that it produces into, as far as it says. */
  readonly produces: readonly Topic[];
  /** Local stores that its handler reads. */
  readonly stores: readonly StoreDefinition[];
  /** Of `records` and `join`; a job of batches has none, its runs come and go. */
  readonly replicas: Replicas | undefined;
  /** Of `batches`. */
  readonly trigger: BatchTrigger | undefined;
  readonly startAt: "earliest" | "latest";
}
