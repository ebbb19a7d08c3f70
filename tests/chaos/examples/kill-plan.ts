// When a command of an example is killed: drawn at random over the steps, most of them after the first sign of life, some right at a
// request. A seed repeats the draw.
import type { Random } from "../faults/random.ts";
import type { RequestMoment } from "./watched-service.ts";

/** How long a step took, and what it asked for, when nobody disturbed it. */
export interface StepProfile {
  readonly command: string;
  readonly durationMs: number;
  /** Until its first request; `undefined` when it has none. */
  readonly firstRequestMs: number | undefined;
  readonly requests: number;
}

/** A share is of what an undisturbed step takes, from its start or from its first request on. */
export type KillMoment =
  | { readonly kind: "start"; readonly share: number }
  | { readonly kind: "time"; readonly share: number }
  | { readonly kind: "request"; readonly number: number; readonly at: Exclude<RequestMoment, "answered" | "lost"> };

export interface KillPlan {
  /** Index of the step that is killed. */
  readonly step: number;
  readonly first: KillMoment;
  /** Of the command that goes on, in some of the trials. */
  readonly second?: KillMoment;
}

/** @param profile one or more steps */
export function planKills(profile: readonly StepProfile[], random: Random): KillPlan {
  const step = random.weighted(profile.map((_, index) => [index, profile[index]?.durationMs ?? 0] as const));
  const requests = profile[step]?.requests ?? 0;
  const first = drawMoment(requests, random);
  return random.next() < secondShare
    ? { step, first, second: { kind: "time", share: random.next() } }
    : { step, first };
}

const secondShare = 0.25;

function drawMoment(requests: number, random: Random): KillMoment {
  const kind = random.weighted([
    ["start", 1],
    ["time", 5],
    ["came", 2],
    ["carried out", 2],
  ] as const);
  if (kind === "start") return { kind, share: random.next() };
  if (kind === "time" || requests === 0) return { kind: "time", share: random.next() };
  return { kind: "request", number: random.integer(1, requests), at: kind };
}
