// What the run of a batch is given.

/** Params of a run that works through a batch. */
export interface BatchParams {
  /** Such as `dashboard/12`. */
  readonly batch: string;
}
