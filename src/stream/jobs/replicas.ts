// How many runs of a job share its partitions.
import { z } from "zod";
import { expecting } from "../../core/spec/option-notes.ts";
import { integer } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { Replicas } from "../../core/stream/job-stream.ts";

/** Between two numbers, by what waits. */
export interface ReplicaOptions {
  readonly min: number;
  readonly max: number;
  /** Records that wait for each replica before another one is started. */
  readonly lag: number;
}

/** An option that takes either form. */
export function replicasOption(): z.ZodType<number | ReplicaOptions, number | ReplicaOptions> {
  const range = z.strictObject({ min: integer(1, 1_000), max: integer(1, 1_000), lag: integer(1) });
  return expecting("a number, or an object with `min`, `max` and `lag`", z.union([integer(1, 1_000), range]));
}

/** @throws MillraceError `JOB_INVALID` when the least is more than the most */
export function toReplicas(where: string, declared: number | ReplicaOptions = 1): Replicas {
  if (typeof declared === "number") return { min: declared, max: declared, lagPerReplica: undefined };
  const { min, max, lag } = declared;
  if (min > max) throw refusal(where, ["replicas", "max"], `at least \`min\`, which is ${min}`, max);
  return { min, max, lagPerReplica: min === max ? undefined : lag };
}
