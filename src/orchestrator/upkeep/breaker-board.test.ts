import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { BreakerRecord } from "../../store/upkeep/upkeep-store.ts";
import { BreakerBoard } from "./breaker-board.ts";

const outage = new MillraceError("SERVICE_UNAVAILABLE", "503");

/** The rows, on a store whose clock is ten minutes ahead of the process's. */
class Rows {
  nowMs = 1_000_000;
  reads = 0;
  writes = 0;
  isAway = false;
  readonly breakers = new Map<string, BreakerRecord>();
  readonly errors: string[] = [];

  board(): BreakerBoard {
    return new BreakerBoard({
      store: {
        readClockMs: async () => this.nowMs + 600_000,
        findBreaker: async (name) => {
          this.reads += 1;
          if (this.isAway) throw new MillraceError("STORE_UNAVAILABLE", "store is away");
          return this.breakers.get(name);
        },
        saveBreaker: async (breaker) => {
          if ((this.breakers.get(breaker.name)?.version ?? 0) !== breaker.version) return false;
          this.writes += 1;
          this.breakers.set(breaker.name, { ...breaker, version: breaker.version + 1 });
          return true;
        },
      },
      clock: { now: () => this.nowMs },
      onError: ({ message }) => void this.errors.push(message),
      breaker: { failures: 3 },
    });
  }
}

test("successes of a healthy connection cost no write and a read every few seconds", async () => {
  const rows = new Rows();
  const board = rows.board();
  for (let index = 0; index < 1_000; index += 1) {
    rows.nowMs += 10;
    await board.report(["github"], undefined);
  }
  expect(rows.writes).toBe(0);
  expect(rows.reads).toBeLessThanOrEqual(3);
});

test("a herd of failures costs as many writes as it takes to open the breaker", async () => {
  const rows = new Rows();
  const board = rows.board();
  await Promise.all(Array.from({ length: 200 }, () => board.report(["github"], outage)));
  expect(rows.breakers.get("github")).toMatchObject({ state: "open", failures: 3 });
  expect(rows.writes).toBe(3);
});

test("times of gates are the store's", async () => {
  const rows = new Rows();
  const board = rows.board();
  for (let index = 0; index < 3; index += 1) await board.report(["github"], outage);
  expect(rows.breakers.get("github")?.probeAtMs).toBe(rows.nowMs + 600_000 + 60_000);
});

test("a success after failures resets the count once, whoever counted them", async () => {
  const rows = new Rows();
  await rows.board().report(["github"], outage);
  const other = rows.board();
  await other.report(["github"], undefined);
  await other.report(["github"], undefined);
  expect(rows.breakers.get("github")).toMatchObject({ failures: 0, version: 2 });
});

test("an error that names its connection counts against that one alone", async () => {
  const rows = new Rows();
  const named = new MillraceError("SERVICE_UNAVAILABLE", "503", { details: { connection: "jira" } });
  await rows.board().report(["github", "jira"], named);
  expect([...rows.breakers.keys()]).toEqual(["jira"]);
});

test("a bug of a job moves no breaker, and the weather is told all the same", async () => {
  const rows = new Rows();
  const board = rows.board();
  for (let index = 0; index < 3; index += 1) await board.report(["github"], outage);
  const bug = new MillraceError("JOB_FAILED", "bug");
  expect(await board.report(["github"], bug)).toEqual({ isBreakerOpen: true, connectionFailures: 3 });
  expect(rows.writes).toBe(3);
});

test("a store that is away is told and fails nothing", async () => {
  const rows = new Rows();
  rows.isAway = true;
  expect(await rows.board().report(["github"], outage)).toEqual({ isBreakerOpen: false, connectionFailures: 0 });
  expect(rows.errors).toEqual(["store is away"]);
});

test("a job without connections asks nothing", async () => {
  const rows = new Rows();
  expect(await rows.board().report([], outage)).toEqual({ isBreakerOpen: false, connectionFailures: 0 });
  expect(rows.reads).toBe(0);
});

test("only a service's refusal counts, and with no word of requests that fail", async () => {
  const rows = new Rows();
  const board = rows.board();
  const details = { status: 403 };
  for (let index = 0; index < 5; index += 1)
    await board.report(["crm"], new MillraceError("PERMISSION_DENIED", "EACCES"));
  expect(rows.writes).toBe(0);
  for (let index = 0; index < 2; index += 1)
    await board.report(["crm"], new MillraceError("PERMISSION_DENIED", "403", { details }));
  await board.report(["crm"], undefined);
  expect(rows.breakers.get("crm")).toMatchObject({ state: "closed", refusals: 0 });
  for (let index = 0; index < 3; index += 1)
    await board.report(["crm"], new MillraceError("PERMISSION_DENIED", "403", { details }));
  expect(rows.breakers.get("crm")).toMatchObject({ state: "open", refusals: 3, failures: 0 });
});
