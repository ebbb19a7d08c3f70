// What is submitted: a list of orders that follows from the seed alone, so that a submitter that was killed goes on with it.
import type { Job } from "../../../src/core/job/job.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import type { NewRun, Submission } from "../../../src/store/rows/run-records.ts";
import { createRandom } from "../faults/random.ts";
import type { Workload } from "./workload.ts";

export interface Order {
  readonly order: number;
  /** A job, `diamond`, or `fan_out`. */
  readonly kind: string;
  /** Runs that it makes. */
  readonly runs: number;
}

export interface OrderPlan {
  readonly runs: number;
  readonly seed: number;
  /** Runs that kill each worker that takes them. */
  readonly poisons: number;
}

// Weights of the mix.
const mix: readonly (readonly [kind: string, weight: number])[] = [
  ["noop", 30],
  ["stepper", 14],
  ["sliced", 8],
  ["counter", 8],
  ["flaky", 6],
  ["snoozer", 4],
  ["publisher", 4],
  ["limited", 8],
  ["urgent", 5],
  ["keyed", 5],
  ["diamond", 5],
  ["fan_out", 2],
  ["spin", 0.2],
];

/** Half as many orders again as make `runs` runs, since some of them are not acknowledged. */
export function planOrders({ runs, seed, poisons }: OrderPlan): readonly Order[] {
  const random = createRandom(seed);
  const orders: Order[] = [];
  let total = 0;
  while (total < runs * 1.5) {
    const kind = random.weighted(mix);
    const size = kind === "diamond" ? 5 : kind === "fan_out" ? 1 + random.integer(20, 120) : 1;
    orders.push({ order: orders.length, kind, runs: size });
    total += size;
  }
  // Early enough that the last of them has time to wear out its workers.
  for (let poison = 0; poison < poisons; poison += 1) {
    const at = Math.floor(((poison + 0.5) / poisons) * orders.length * 0.4);
    orders[at] = { order: at, kind: "poison", runs: 1 };
  }
  return orders;
}

/** How soon a keyed order must have been asked for again; its run has surely not ended by then. */
export const keyedPatienceMs = 2_000;
const keyedDelayMs = 3 * keyedPatienceMs;

/** The order as the orchestrator takes it. One that is `keyed` may be submitted again while its answer is unknown. */
export function toOrderSubmission(
  { order, kind, runs }: Order,
  { jobs, diamond }: Workload,
  nowMs: number,
): Submission {
  const shared = { params: { order }, tenant: `tenant_${order % 3}`, createdBy: "chaos" };
  if (kind === "diamond") {
    const { runs: members, edges } = toSubmission(diamond, shared);
    return { runs: members, edges };
  }
  if (kind === "keyed") {
    const run = { ...shared, job: "noop", kind: "job" as const, runAtMs: nowMs + keyedDelayMs };
    return { runs: [run], edges: [], runKey: `order-${order}` };
  }
  if (kind !== "fan_out") return { runs: [{ ...shared, ...toRun(findJob(jobs, kind)) }], edges: [] };
  const children = Array.from({ length: runs - 1 }, () => ({
    job: "noop",
    kind: "job" as const,
    parent: 0,
    ...shared,
  }));
  return { runs: [{ job: "fan_out", kind: "pipeline", ...shared }, ...children], edges: [] };
}

function findJob(jobs: readonly Job[], name: string): Job {
  const job = jobs.find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  return job;
}

function toRun({ name, priority, concurrency }: Job): Pick<NewRun, "job" | "kind" | "priority" | "gates"> {
  return { job: name, kind: "job", priority, ...(concurrency === undefined ? {} : { gates: [`job:${name}`] }) };
}
