// Seeds that once failed, each with what was wrong. They are lived through before all others.
// After a change of how worlds are drawn: put each bug back and take the first seed that finds it.

export interface Regression {
  readonly seed: number;
  readonly was: string;
}

export const regressions: readonly Regression[] = [
  { seed: 217, was: "a pipeline run stayed leased when the store was away as it was summed up" },
  { seed: 15, was: "a store that was away as log lines were written kept an outcome from being recorded" },
  { seed: 726, was: "a worker took more runs than it has slots after it claimed a run whose end it still recorded" },
  { seed: 7, was: "a run of a claim whose answer got lost stayed leased by a worker that never executed it" },
  { seed: 351, was: "a worker's lost claims were counted instead of compared, and stayed leased" },
  { seed: 143, was: "a run that its upstream doomed left the request of a person behind" },
];
