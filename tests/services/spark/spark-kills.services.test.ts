// A sample of `npm run spark-kills`: a worker and Spark itself are killed while a query runs.
import { expect, test } from "vitest";
import { SparkTrials } from "../../chaos/spark/spark-kills.ts";

test("a run whose worker, or whose Spark, is killed has its rows once in the end", async () => {
  await using trials = await SparkTrials.open();
  for (const victim of ["worker", "Spark"] as const) {
    const { findings, isUnharmed } = await trials.run({ victim, afterMs: 700 });
    expect(findings).toEqual([]);
    expect(isUnharmed).toBe(false);
  }
});
