// Gives runs back that a worker holds, without counting the attempts. The caller has locked the leases.
import type { Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { endLeases, type Lease, withoutAttempt } from "./end-leases.ts";
import { putBack } from "./put-back.ts";

/** They are ready at once, or where a person wanted them meanwhile. */
export function* releaseLeases(leases: readonly Lease[], nowMs: number): Script<void> {
  const requests = yield* endLeases(
    leases.map((lease) => ({ lease, end: "released" as const })),
    nowMs,
  );
  yield* appendEvents(
    leases.map(({ runId }) => ({ runId, type: "released" })),
    nowMs,
  );
  yield* putBack(leases.map(withoutAttempt), requests, nowMs);
}
