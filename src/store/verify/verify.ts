// The invariants of docs/reference/guarantees.md, as queries where a query can tell. Each selects the rows that break it, so an empty store of answers is a
// sound store. They read whole tables: for tests and for people, not for the orchestrator.
import type { InvariantViolation } from "../rows/run-records.ts";
import { all, type Now, type Script } from "../rows/script.ts";
import { verifyAuditChain } from "../access/audit.ts";
import { leaseChecks } from "./verify-leases-and-limits.ts";
import { runChecks } from "./verify-runs.ts";
import { streamChecks } from "./verify-streams.ts";
import { verifyWatermarks } from "./verify-watermarks.ts";

const maxReported = 20;

/** Runs every query and walks the watermarks and the audit; at most twenty violations of each are listed. The caller reads one state of the store. */
export function* verify(now: Now): Script<InvariantViolation[]> {
  const violations: InvariantViolation[] = [];
  for (const { invariant, sql, times } of [...runChecks, ...leaseChecks, ...streamChecks]) {
    const limited = `select message from (${sql}) broken limit ${maxReported}`;
    const rows = yield* all<{ message: string }>(limited, ...(times?.(now) ?? []));
    violations.push(...rows.map(({ message }) => ({ invariant, message })));
  }
  for (const message of yield* verifyWatermarks(maxReported)) violations.push({ invariant: "I4", message });
  const brokenAt = yield* verifyAuditChain();
  if (brokenAt !== undefined) {
    violations.push({ invariant: "I11", message: `the audit does not hold from entry ${brokenAt} on` });
  }
  return violations;
}
