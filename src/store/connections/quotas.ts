// Quotas of credentials as rows. One number says all about a window: the time at which the bucket would be full again if
// nobody sent anything more. It is in microseconds, so that a thousand requests a second have whole numbers between them.
import { countReady, toQuotaPace } from "../../core/connection/quota-window.ts";
import type { QuotaRecord } from "./connection-store.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import type { QuotaGrant, QuotaTake } from "../../core/connection/quota-store.ts";

interface QuotaRow {
  readonly blockedUntil: number | null;
  readonly fullAt: number | null;
}

export function* readQuotaBlock(name: string, nowMs: number): Script<number> {
  const row = yield* one<Pick<QuotaRow, "blockedUntil">>(
    `select blocked_until as "blockedUntil" from quota where name = ?`,
    name,
  );
  return Math.max(0, (row?.blockedUntil ?? 0) - nowMs);
}

export function* blockQuota(name: string, forMs: number, nowMs: number): Script<void> {
  yield* run(
    `insert into quota (name, blocked_until) values (?, ?) on conflict (name)
    do update set blocked_until = excluded.blocked_until
    where quota.blocked_until is null or quota.blocked_until < excluded.blocked_until`,
    name,
    nowMs + Math.ceil(forMs),
  );
}

/** All that were ever used, by name. */
export function* listQuotas(): Script<readonly QuotaRecord[]> {
  const rows = yield* all<QuotaRow & { readonly name: string }>(
    `select name, blocked_until as "blockedUntil", full_at as "fullAt" from quota order by name`,
  );
  return rows.map(({ name, blockedUntil, fullAt }) => ({
    name,
    ...(blockedUntil === null ? {} : { blockedUntilMs: blockedUntil }),
    ...(fullAt === null ? {} : { fullAtUs: fullAt }),
  }));
}

/** Takes as the generic cell rate algorithm says. */
export function* takeQuota(
  { name, want, limit, windowMs, atLeast = 1, burst: atOnce }: QuotaTake,
  nowMs: number,
): Script<QuotaGrant> {
  // The row is there before it is locked, so that two who come first do not both find none.
  yield* run("insert into quota (name) values (?) on conflict (name) do nothing", name);
  const row = yield* one<QuotaRow>(
    `select blocked_until as "blockedUntil", full_at as "fullAt" from quota where name = ? for update`,
    name,
  );
  const blockedMs = Math.max(0, (row?.blockedUntil ?? 0) - nowMs);
  if (blockedMs > 0) return { granted: 0, waitMs: blockedMs, blockedMs };
  const pace = toQuotaPace({ limit, windowMs }, atOnce);
  const { burst, spacingUs } = pace;
  const now = nowMs * 1_000;
  const lead = Math.max(0, (row?.fullAt ?? 0) - now);
  const ready = countReady(pace, lead);
  if (ready < atLeast) {
    return { granted: 0, waitMs: Math.ceil((lead - (burst - atLeast) * spacingUs) / 1_000), blockedMs: 0 };
  }
  const granted = Math.min(want, ready);
  yield* run("update quota set full_at = ? where name = ?", now + lead + granted * spacingUs, name);
  return { granted, waitMs: 0, blockedMs: 0 };
}
