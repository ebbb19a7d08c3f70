// Defines what a handler waits for when it has given its worker back: a time, a probe, the run that it started, or a
// service that asks for a pause.
import type { RunId } from "../run-id.ts";

/**
 * `sleep`: `ctx.sleep`. `probe`: `ctx.waitFor`. `run`: the result of a run that `ctx.spawn` started. `service`: the end of a pause
 * that a connection has to make; the handler did not choose to wait.
 */
export type DurableWait =
  | { readonly kind: "sleep" | "probe" }
  | { readonly kind: "run"; readonly runId: RunId }
  | { readonly kind: "service"; readonly because: string };
