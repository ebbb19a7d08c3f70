// A sample of `npm run spark-kills`: a worker is killed while executors map and reduce for it, and Spark itself while a query runs. Each death
// of Spark costs another start of it, so all pairs are for the whole.
import { expect, test } from "vitest";
import { type SparkFault, SparkTrials } from "../../chaos/spark/spark-kills.ts";

test("a run whose worker, or whose Spark, is killed has its rows once in the end", async () => {
  await using trials = await SparkTrials.open();
  const faults: readonly SparkFault[] = [
    { victim: "worker", work: "mapReduce", afterMs: 1_000 },
    { victim: "Spark", work: "sql", afterMs: 700 },
  ];
  for (const fault of faults) {
    const { findings, isUnharmed } = await trials.run(fault);
    expect({ fault, findings, isUnharmed }).toEqual({ fault, findings: [], isUnharmed: false });
  }
});
