// One question of a screen over HTTP, and words for its places in the history.
import type { RouteName } from "../../src/api/routes.ts";
import { historySize } from "./browse-history.ts";

export interface EndpointCase {
  readonly route: RouteName;
  /** What is special about it; empty for the only one of a route. */
  readonly name: string;
  readonly params?: Readonly<Record<string, string>>;
  /** @param turn counts the calls; odd ones are deep in the history where there are pages */
  readonly query?: (turn: number) => Readonly<Record<string, string | number | boolean>>;
  /** Its list is meant to be empty. */
  readonly findsNothing?: true;
}

export const hourMs = 3_600_000;
export const dayMs: number = 24 * hourMs;

/** A run anywhere in the history, another place each time; the oldest part is left out, so that there is a page. */
export function somewhere(turn: number): number {
  return 100_000 + ((turn * 48_271) % (historySize - 100_000));
}

/** To the minute, as the screens ask. */
export function instant(atMs: number): string {
  return new Date(Math.floor(atMs / 60_000) * 60_000).toISOString();
}
