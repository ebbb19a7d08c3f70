// What a world of streams is made of, drawn from its seed.
import type { SimulationRandom } from "../world/simulation-random.ts";

/** What becomes of a record when it is handled. `bad` is so until somebody mends the code; `poison` ends the process. */
export type Fate = "fine" | "flaky" | "bad" | "poison";

/** Its partition and key are those of the topic. */
export interface StreamValue {
  readonly id: string;
  readonly key: string;
  readonly fate: Fate;
  /** How long its handler takes; 0 returns no promise. */
  readonly ms: number;
}

/** How often calls go wrong, as parts of one. */
export interface CallTrouble {
  readonly refused: number;
  readonly answerLost: number;
  readonly sentTwice: number;
  readonly crashBefore: number;
  readonly crashAfter: number;
  readonly crashOnTheWay: number;
  readonly maxDelayMs: number;
}

/** A world. */
export interface StreamPlan {
  readonly partitions: number;
  /** Undefined: as many as at the beginning. */
  readonly raiseTo: number | undefined;
  readonly keys: number;
  readonly batches: number;
  readonly members: number;
  readonly lanes: number;
  readonly onFailure: "park" | "block";
  readonly deadLetterAfter: number;
  /** After this all is well. */
  readonly healAtMs: number;
  /** From the death of a process to the end of its leases. */
  readonly takeoverMs: number;
  readonly trouble: CallTrouble;
  /** Chances, once in a while: a process dies; is declared dead and goes on; is asked to leave. */
  readonly deaths: number;
  readonly zombies: number;
  readonly leavings: number;
  /** A person puts the group back. Only where nothing is parked: what is counted would be another question. */
  readonly seeks: number;
  readonly fates: Readonly<Record<Fate, number>>;
  /** Undefined: nothing is joined. */
  readonly join: JoinPlan | undefined;
}

/** Of a join of two topics. */
export interface JoinPlan {
  readonly keys: number;
  readonly members: number;
  readonly expireMs: number;
}

export function drawPlan(random: SimulationRandom): StreamPlan {
  const partitions = random.integer(1, 4);
  const onFailure = random.chance(0.6) ? "park" : "block";
  const often = (most: number): number => (random.chance(0.5) ? random.next() * most : 0);
  return {
    partitions,
    raiseTo: random.chance(0.2) ? partitions + random.integer(1, 2) : undefined,
    keys: random.integer(1, 6),
    batches: random.integer(3, 10),
    members: random.integer(1, 3),
    lanes: random.pick([1, 1, 2, 4]),
    onFailure,
    deadLetterAfter: random.integer(2, 4),
    healAtMs: random.integer(2_000, 8_000),
    takeoverMs: random.integer(200, 1_500),
    trouble: {
      refused: often(0.05),
      answerLost: often(0.05),
      sentTwice: often(0.2),
      crashBefore: often(0.02),
      crashAfter: often(0.02),
      crashOnTheWay: often(0.02),
      maxDelayMs: random.durationMs(2, 60),
    },
    deaths: often(0.3),
    zombies: often(0.3),
    leavings: often(0.3),
    seeks: onFailure === "block" ? often(0.3) : 0,
    fates: { fine: 1, flaky: often(0.2), bad: often(0.1), poison: random.chance(0.25) ? 0.03 : 0 },
    join: random.chance(0.5)
      ? {
          keys: random.integer(1, 15),
          members: random.integer(1, 2),
          expireMs: random.integer(500, random.pick([3_000, 12_000])),
        }
      : undefined,
  };
}

export function drawValue(random: SimulationRandom, plan: StreamPlan, id: string): StreamValue {
  const { flaky, bad, poison } = plan.fates;
  const dice = random.next();
  const fate = dice < poison ? "poison" : dice < poison + bad ? "bad" : dice < poison + bad + flaky ? "flaky" : "fine";
  const ms = random.chance(0.5) ? 0 : random.durationMs(1, 200);
  return { id, key: `k${random.integer(1, plan.keys)}`, fate, ms };
}
