// Plans the faults of a chaos run and their order, all from the seed.
import type { FaultyStore } from "./faulty-store.ts";
import type { Random } from "./random.ts";

/** A fault of a process; the others are those of the store, by name. */
export type ProcessFault = "kill_worker" | "kill_scheduler" | "kill_submitter" | "stop_process" | "term_process";

export interface FaultPlan {
  readonly process: readonly ProcessFault[];
  /** Names of `faultyStore.faults`. */
  readonly faultyStore: readonly string[];
}

/** Shares of the kills, by role; workers get the rest. */
const schedulerShare = 0.15;
const submitterShare = 0.05;
/** For each 1,000 kills. */
const stopsPerThousand = 60;
const termsPerThousand = 40;

/** Every kind of fault is there at least once, however few the kills. */
export function planFaults(kills: number, faultyStore: Pick<FaultyStore, "faults">, random: Random): FaultPlan {
  const share = (perThousand: number): number => Math.max(1, Math.round((kills * perThousand) / 1_000));
  const schedulers = share(schedulerShare * 1_000);
  const submitters = share(submitterShare * 1_000);
  const repeat = <T>(fault: T, times: number): T[] => Array.from({ length: Math.max(0, times) }, () => fault);
  return {
    process: random.shuffle<ProcessFault>([
      ...repeat<ProcessFault>("kill_worker", kills - schedulers - submitters),
      ...repeat<ProcessFault>("kill_scheduler", schedulers),
      ...repeat<ProcessFault>("kill_submitter", submitters),
      ...repeat<ProcessFault>("stop_process", share(stopsPerThousand)),
      ...repeat<ProcessFault>("term_process", share(termsPerThousand)),
    ]),
    faultyStore: random.shuffle(
      Object.entries(faultyStore.faults).flatMap(([name, { perThousand }]) =>
        perThousand === 0 ? [] : repeat(name, share(perThousand)),
      ),
    ),
  };
}

/** How often each fault is in the plan. */
export function countFaults({ process, faultyStore }: FaultPlan): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of [...process, ...faultyStore]) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
