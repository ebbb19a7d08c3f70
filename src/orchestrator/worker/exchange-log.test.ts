import { expect, test } from "vitest";
import type { Exchange } from "../../core/connection/exchange.ts";
import type { RunId } from "../../core/run-id.ts";
import type { ExchangeBatch } from "../../store/record/exchange-records.ts";
import { ExchangeLog } from "./exchange-log.ts";

const runId = 1 as RunId;
const fine: Exchange = {
  method: "GET",
  address: "https://x",
  status: 200,
  startedAtMs: 1,
  durationMs: 2,
  receivedBytes: 10,
  repeat: 0,
};
const failed: Exchange = { ...fine, status: 503 };

// The timer never fires: tests flush by themselves.
const clock = { now: () => 0, sleep: (_ms: number, signal?: AbortSignal) => untilAborted(signal) };

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}

function givenLog(failures = 0): { log: ExchangeLog; written: (readonly ExchangeBatch[])[] } {
  const written: (readonly ExchangeBatch[])[] = [];
  let left = failures;
  const appendExchanges = async (batches: readonly ExchangeBatch[]): Promise<void> => {
    if ((left -= 1) >= 0) throw new Error("away");
    written.push(structuredClone(batches));
  };
  return { log: new ExchangeLog({ appendExchanges }, clock), written };
}

test("exchanges of all runs are written together, and once", async () => {
  const { log, written } = givenLog();
  log.note(runId, 2, fine);
  log.note(runId, 2, failed);
  log.note(2 as RunId, 1, fine);
  await log.flush();
  await log.flush();
  const sums = { runId, attempt: 2, exchanges: 2, failed: 1, bytes: 20 };
  expect(written).toHaveLength(1);
  expect(written[0]?.[0]).toEqual({
    ...sums,
    kept: [
      { ...fine, position: 1 },
      { ...failed, position: 2 },
    ],
  });
  expect(written[0]?.[1]).toMatchObject({ runId: 2, attempt: 1, exchanges: 1 });
});

test("an attempt keeps 500 one by one and 500 more that failed, and counts all", async () => {
  const { log, written } = givenLog();
  for (let count = 0; count < 700; count += 1) log.note(runId, 1, fine);
  for (let count = 0; count < 700; count += 1) log.note(runId, 1, failed);
  await log.end(runId);
  const [batch] = written[0] ?? [];
  expect(batch).toMatchObject({ exchanges: 1_400, failed: 700, bytes: 14_000 });
  expect(batch?.kept.map(({ position }) => position)).toEqual([
    ...Array.from({ length: 500 }, (_, index) => index + 1),
    ...Array.from({ length: 500 }, (_, index) => index + 701),
  ]);
});

test("what the store did not take goes with the next write, in its place", async () => {
  const { log, written } = givenLog(1);
  log.note(runId, 1, fine);
  const first = log.flush();
  log.note(runId, 1, failed);
  await first;
  log.note(runId, 1, fine);
  await log.end(runId);
  expect(written).toHaveLength(1);
  expect(written[0]?.[0]).toMatchObject({ exchanges: 3, failed: 1 });
  expect(written[0]?.[0]?.kept.map(({ position, status }) => [position, status])).toEqual([
    [1, 200],
    [2, 503],
    [3, 200],
  ]);
});

test("a store that stays away costs the run nothing but its record", async () => {
  const { log, written } = givenLog(Infinity);
  log.note(runId, 1, fine);
  await log.end(runId);
  await log.close();
  expect(log.end(runId)).toBeUndefined();
  expect(written).toEqual([]);
});
