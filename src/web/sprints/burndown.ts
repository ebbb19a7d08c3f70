// Steps of a burndown as the corners of lines. A value holds until the next step, so that lines go level and then up or down.
import type { SprintStep } from "../../api/delivery/sprint.ts";

export interface BurndownLine {
  /** Milliseconds since the epoch, and points. */
  readonly corners: readonly (readonly [atMs: number, points: number])[];
}

export interface Burndown {
  readonly remaining: BurndownLine;
  readonly scope: BurndownLine;
  /** From the scope at the start straight to nothing at the planned end; empty without an end. */
  readonly ideal: BurndownLine;
  readonly fromMs: number;
  readonly toMs: number;
  readonly highest: number;
}

export interface BurndownSpan {
  readonly start_at: string;
  readonly end_at: string | null;
  readonly closed_at: string | null;
}

/** @param nowMs up to where the lines of a sprint go at most that is not closed */
export function toBurndown(steps: readonly SprintStep[], span: BurndownSpan, nowMs: number): Burndown {
  const fromMs = Date.parse(span.start_at);
  const plannedMs = span.end_at === null ? null : Date.parse(span.end_at);
  const stepMs = Date.parse(steps.at(-1)?.at ?? span.start_at);
  // Of a sprint that nobody closed nothing new is seen behind its planned end and its last change.
  const openMs = plannedMs === null ? nowMs : Math.min(nowMs, Math.max(plannedMs, stepMs));
  const lastMs = Math.max(fromMs, span.closed_at === null ? openMs : Date.parse(span.closed_at));
  const first = steps[0]?.scope_points ?? 0;
  return {
    remaining: toCorners(steps, "remaining_points", { fromMs, lastMs }),
    scope: toCorners(steps, "scope_points", { fromMs, lastMs }),
    ideal: {
      corners:
        plannedMs === null || plannedMs <= fromMs
          ? []
          : [
              [fromMs, first],
              [plannedMs, 0],
            ],
    },
    fromMs,
    toMs: Math.max(lastMs, plannedMs ?? lastMs, fromMs + 1),
    highest: Math.max(0, ...steps.map(({ scope_points: scope, remaining_points: left }) => Math.max(scope, left))),
  };
}

function toCorners(
  steps: readonly SprintStep[],
  field: "remaining_points" | "scope_points",
  { fromMs, lastMs }: { readonly fromMs: number; readonly lastMs: number },
): BurndownLine {
  const corners: (readonly [number, number])[] = [];
  for (const step of steps) {
    const atMs = Math.min(Math.max(Date.parse(step.at), fromMs), lastMs);
    const before = corners.at(-1)?.[1];
    if (before !== undefined) corners.push([atMs, before]);
    corners.push([atMs, step[field]]);
  }
  const last = corners.at(-1)?.[1];
  return { corners: last === undefined ? [] : [...corners, [lastMs, last]] };
}
