// How a run is told that it replays: by a param that no job can declare and nobody may give.
import { MillraceError } from "../errors/errors.ts";

/** What a run that replays is told. */
export interface ReplayOfRun {
  readonly id: string;
  readonly withEffects: boolean;
}

/** The replay that a run belongs to, in its params; nobody else may give it. */
export const replayParam = "$replay";

/** The replay that a run with these params belongs to; `undefined` for any other run. */
export function replayOf(params: unknown): ReplayOfRun | undefined {
  const value: unknown =
    typeof params === "object" && params !== null && replayParam in params ? params[replayParam] : undefined;
  if (typeof value !== "object" || value === null || !("id" in value) || typeof value.id !== "string") return undefined;
  return { id: value.id, withEffects: "withEffects" in value && value.withEffects === true };
}

/** @throws MillraceError `PARAMS_INVALID` for params that make a run part of a replay */
export function assertNoReplay(params: Readonly<Record<string, unknown>>): void {
  if (!(replayParam in params)) return;
  throw new MillraceError("PARAMS_INVALID", `\`${replayParam}\` is given by replays alone`, {
    hint: "start one with `millrace replay <job>`",
  });
}

/** What a handler gets that asks for a connection while records are replayed. */
export function effectsOff(connection: string): MillraceError {
  return new MillraceError("EFFECTS_OFF", `records are replayed, and connections are off, got: \`${connection}\``, {
    hint: "leave it out where `ctx.replay` is true, or replay with `--with-effects`",
  });
}
