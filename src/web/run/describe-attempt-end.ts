// Describes how an attempt ended, in words and colour.
import type { Tone } from "../components/values/state-appearance.ts";

export interface AttemptEndAppearance {
  readonly text: string;
  readonly tone: Tone;
}

/** `end` as the server tells it; one that is not known is told as it is. */
export function describeAttemptEnd(end: string | null): AttemptEndAppearance {
  return appearances[end ?? ""] ?? { text: (end ?? "ended").replaceAll("_", " "), tone: "held" };
}

const appearances: Readonly<Record<string, AttemptEndAppearance>> = {
  finished: { text: "finished", tone: "good" },
  failed: { text: "failed", tone: "bad" },
  retry: { text: "failed, to be tried again", tone: "bad" },
  snoozed: { text: "gave the worker back, to sleep or wait", tone: "held" },
  released: { text: "was given back by its worker", tone: "held" },
  paused: { text: "paused", tone: "held" },
  lost: { text: "its worker was lost", tone: "bad" },
  stopped: { text: "was stopped", tone: "neutral" },
};
