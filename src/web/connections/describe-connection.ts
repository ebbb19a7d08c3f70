// How a connection looks: its breaker comes before a pause that the service asked for.
import type { Breaker, Connection } from "../../api/orchestrator.ts";
import type { StateAppearance } from "../components/values/state-appearance.ts";

const looks: Readonly<Record<Breaker["state"], StateAppearance>> = {
  closed: { label: "Closed: calls go through", icon: "check", tone: "good" },
  half_open: { label: "Half open: one call tries", icon: "question", tone: "warn" },
  open: { label: "Open: calls are stopped", icon: "cross", tone: "bad" },
};

/** Nothing is wrong with it, but the service wants to be left alone for a while. */
const pausedLook: StateAppearance = { label: "Paused: the service asked for it", icon: "pause", tone: "waiting" };

/** @param nowMs of the server's clock */
export function describeConnection(
  { breaker, paused_until: pausedUntil }: Pick<Connection, "breaker" | "paused_until">,
  nowMs: number,
): StateAppearance {
  const state = breaker?.state ?? "closed";
  const isPaused = pausedUntil !== null && Date.parse(pausedUntil) > nowMs;
  return state === "closed" && isPaused ? pausedLook : looks[state];
}
