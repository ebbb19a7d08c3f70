// Planted bugs in what is expected in time, and in the figures of runs.
import { bug, type PlantedBug, storeContract, unit } from "./planted-bug.ts";

const watch = [unit("src/orchestrator/expectations")];

export const expectationBugs: readonly PlantedBug[] = [
  bug("a verdict is not compared with what was seen", "two processes tell of the same late run", {
    file: "src/store/expectations/expectations.ts",
    from: "\n      and e.name = r.value ->> 'name' and e.due_at = cast(r.value ->> 'due' as bigint)",
    to: "\n      and e.name = r.value ->> 'name'",
    suites: [storeContract("jobs and datasets are expected in time")],
  }),
  bug("a figure is recorded without the lease", "a zombie overwrites what its successor has counted", {
    file: "src/store/record/metrics.ts",
    from: "  yield* assertLease(fence);\n",
    to: "",
    suites: [storeContract("runs record figures")],
  }),
  bug("a run of a backfill counts for today", "nobody hears that the run of today did not come", {
    file: "src/store/expectations/expectation-facts.ts",
    from: "where root.job not like 'backfill:%' ",
    to: "",
    suites: [storeContract("jobs and datasets are expected in time")],
  }),
  bug("a run that failed has come in time", "nobody hears that there is no data", {
    file: "src/orchestrator/expectations/decide-punctuality.ts",
    from: 'state === "FINISHED" && createdAtMs >= atMs',
    to: "state !== undefined && createdAtMs >= atMs",
    suites: watch,
  }),
  bug("a paused schedule is still expected", "people are told of what they have paused themselves", {
    file: "src/orchestrator/expectations/decide-punctuality.ts",
    from: "  if (facts.isPaused) return decidePaused(sla, record, facts);\n",
    to: "",
    suites: watch,
  }),
  bug("thresholds are not looked at", "a run that loaded nothing counts as finished", {
    file: "src/core/job/run-job.ts",
    from: "  await beforeSuccess?.();\n",
    to: "",
    suites: [unit("src/testing/test-metrics.test.ts")],
  }),
];
