// Defines what a handler waits for when it has given its worker back: a time, a probe, or the run that it started.
import type { RunId } from "../run-id.ts";

/** `sleep`: `ctx.sleep`. `probe`: `ctx.waitFor`. `run`: the result of a run that `ctx.spawn` started. */
export type DurableWait = { readonly kind: "sleep" | "probe" } | { readonly kind: "run"; readonly runId: RunId };
