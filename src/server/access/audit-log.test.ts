import { describe, expect, it } from "vitest";
import type { Clock } from "../../core/clock.ts";
import type { NewAuditEntry } from "../../store/access/access-store.ts";
import { AuditLog } from "./audit-log.ts";

describe("the audit log", () => {
  it("appends what came together in one batch, in order", async () => {
    const { log, batches, release } = create();
    const first = log.record(entry(1));
    const others = [log.record(entry(2)), log.record(entry(3))];
    release();
    await Promise.all([first, ...others]);
    expect(batches).toEqual([["1"], ["2", "3"]]);
  });

  it("keeps what the store refuses, and writes it when the store is back", async () => {
    const { log, batches, errors, fail, clock } = create({ isOpen: true });
    fail(2);
    const calls = [log.record(entry(1)), log.record(entry(2))];
    await clock.pass();
    await clock.pass();
    await Promise.all(calls);
    expect(await log.close(10)).toBe(0);
    expect(batches.flat()).toEqual(["1", "2"]);
    expect(errors).toHaveLength(2);
  });

  it("lets a call go on when the store is slow", async () => {
    const { log, clock, release, batches } = create();
    const recorded = log.record(entry(1));
    await clock.pass();
    await recorded;
    expect(batches).toEqual([]);
    release();
    expect(await log.close(10)).toBe(0);
    expect(batches).toEqual([["1"]]);
  });

  it("writes all before it is closed, and says what was lost when it cannot", async () => {
    const { log, fail, clock } = create({ isOpen: true });
    fail(Number.POSITIVE_INFINITY);
    const calls = [log.record(entry(1)), log.record(entry(2))];
    const closed = log.close(10);
    await clock.pass();
    await Promise.all(calls);
    expect(await closed).toBe(2);
  });

  it("refuses changes while nothing can be recorded any more", async () => {
    const { log, clock, fail } = create({ isOpen: true });
    fail(Number.POSITIVE_INFINITY);
    const calls = Array.from({ length: 10_000 }, (_, index) => log.record(entry(index)));
    expect(() => log.assertRoom()).toThrow(/changes are refused/);
    const closed = log.close(1);
    await clock.pass();
    await Promise.all([...calls, closed]);
  });

  it("records only so many calls of nobody in a minute", async () => {
    const { log, batches } = create({ isOpen: true });
    for (let index = 0; index < 100; index += 1) await log.recordAnonymous(entry(index));
    await log.record(entry(1_000));
    expect(batches.flat()).toHaveLength(61);
    expect(batches.flat().at(-1)).toBe("1000");
  });
});

function entry(index: number): NewAuditEntry {
  return { actor: "ada", action: "startJob", target: String(index), detail: {}, outcome: "allowed" };
}

interface FixtureClock extends Clock {
  /** Ends all sleeps that have begun. */
  pass(): Promise<void>;
}

function create({ isOpen = false }: { readonly isOpen?: boolean } = {}): {
  readonly log: AuditLog;
  readonly batches: string[][];
  readonly errors: unknown[];
  readonly clock: FixtureClock;
  readonly release: () => void;
  readonly fail: (times: number) => void;
} {
  const batches: string[][] = [];
  const errors: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  if (isOpen) gate.resolve();
  let failures = 0;
  const store = {
    async appendAudit(entries: readonly NewAuditEntry[]): Promise<void> {
      await gate.promise;
      failures -= 1;
      if (failures >= 0) throw new Error("the store is away");
      batches.push(entries.map(({ target }) => target));
    },
  };
  const clock = createClock();
  const log = new AuditLog({ store, clock, onError: (error) => errors.push(error) });
  return { log, batches, errors, clock, release: gate.resolve, fail: (times) => void (failures = times) };
}

function createClock(): FixtureClock {
  const sleepers = new Set<() => void>();
  return {
    now: () => 0,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        sleepers.add(resolve);
        signal?.addEventListener("abort", () => resolve());
      }),
    async pass() {
      await new Promise((resolve) => setImmediate(resolve));
      for (const wake of sleepers) wake();
      sleepers.clear();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
