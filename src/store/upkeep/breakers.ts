// Circuit breakers as rows, and the gates they hold shut.
import type { BreakerRecord } from "./upkeep-store.ts";
import { all, one, run, type Script } from "../rows/script.ts";

interface BreakerRow extends Omit<BreakerRecord, "openedAtMs" | "probeAtMs" | "lastError"> {
  readonly openedAtMs: number | null;
  readonly probeAtMs: number | null;
  readonly lastError: string | null;
}

const select = `select name, state, failures, refusals, opened_at as "openedAtMs", probe_at as "probeAtMs", last_error as "lastError",
  version from breaker`;

/** One primary key look-up. */
export function* findBreaker(name: string): Script<BreakerRecord | undefined> {
  const row = yield* one<BreakerRow>(`${select} where name = ?`, name);
  return row === undefined ? undefined : toRecord(row);
}

/** All that were ever written, by name. */
export function* listBreakers(): Script<BreakerRecord[]> {
  return (yield* all<BreakerRow>(`${select} order by name`)).map(toRecord);
}

/**
 * Writes a breaker if its row still has the version before, 0 for none, and sets the gate of its connection: shut until the
 * probe, then open for one run at a time, then open. @returns whether it did
 */
export function* saveBreaker(breaker: BreakerRecord): Script<boolean> {
  const { name, state, failures, refusals, openedAtMs, probeAtMs, lastError, version } = breaker;
  const values = [state, failures, refusals, openedAtMs ?? null, probeAtMs ?? null, lastError ?? null] as const;
  const written =
    version === 0
      ? yield* run(
          `insert into breaker (name, state, failures, refusals, opened_at, probe_at, last_error, version)
          values (?, ?, ?, ?, ?, ?, ?, 1) on conflict (name) do nothing`,
          name,
          ...values,
        )
      : yield* run(
          `update breaker set state = ?, failures = ?, refusals = ?, opened_at = ?, probe_at = ?, last_error = ?, version = version + 1
          where name = ? and version = ?`,
          ...values,
          name,
          version,
        );
  if (written !== 1) return false;
  yield* run(
    `insert into gate (name, blocked_until, half_open) values (?, ?, ?) on conflict (name)
    do update set blocked_until = excluded.blocked_until, half_open = excluded.half_open`,
    `connection:${name}`,
    state === "open" ? (probeAtMs ?? null) : null,
    // An open breaker lets the probe through, and nothing else, as soon as its time has come.
    state === "closed" ? 0 : 1,
  );
  return true;
}

function toRecord({ openedAtMs, probeAtMs, lastError, ...row }: BreakerRow): BreakerRecord {
  return {
    ...row,
    openedAtMs: openedAtMs ?? undefined,
    probeAtMs: probeAtMs ?? undefined,
    lastError: lastError ?? undefined,
  };
}
