// Seeds that once failed, each with what was wrong. They are lived through before all others.

export interface Regression {
  readonly seed: number;
  readonly was: string;
}

export const regressions: readonly Regression[] = [
  { seed: 35, was: "a pipeline run stayed leased when the store was away as it was summed up" },
  { seed: 42, was: "a store that was away as log lines were written kept the outcome from being recorded" },
  {
    seed: 206,
    was: "a worker took more runs than it has slots after it claimed a run whose first end was still recorded",
  },
  { seed: 1, was: "a run of a claim whose answer got lost stayed leased by a worker that never executed it" },
];
