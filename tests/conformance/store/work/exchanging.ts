// The contract of what runs asked of services: sums that are exact, and rows that are bounded.
import { expect, test } from "vitest";
import type { Exchange } from "../../../../src/core/connection/exchange.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { ExchangeBatch } from "../../../../src/store/record/exchange-records.ts";
import { createStoreFixture, type CreateStore } from "../store-fixture.ts";

export function describeExchanging(createStore: CreateStore): void {
  test("exchanges are listed in their order, page by page, with all that is known of them", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const [runId, other] = [await fixture.submit(), await fixture.submit()];
    const full: Exchange = { ...exchangeOf(200), connection: "crm", unit: "2026-01", page: 3, repeat: 2 };
    const cut: Exchange = { ...exchangeOf(200), error: "RESPONSE_TRUNCATED" };
    await store.appendExchanges([batchOf(runId, [full, exchangeOf(undefined)]), batchOf(other, [exchangeOf(200)])]);
    await store.appendExchanges([{ ...batchOf(runId, [cut, exchangeOf(404)]), attempt: 2 }]);
    const list = { runId, isFailed: false, after: 0, limit: 3 };
    const first = await store.listExchanges(list);
    expect(first).toEqual([
      { ...full, runId, seq: 1, attempt: 1 },
      { ...exchangeOf(undefined), runId, seq: 2, attempt: 1 },
      { ...cut, runId, seq: 3, attempt: 2 },
    ]);
    expect((await store.listExchanges({ ...list, after: 3 })).map(({ seq, status }) => [seq, status])).toEqual([
      [4, 404],
    ]);
    expect((await store.listExchanges({ ...list, isFailed: true })).map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(await store.findTraffic(runId)).toEqual({ exchanges: 4, failed: 3, bytes: 400, kept: 4 });
    expect(await store.findTraffic(other)).toEqual({ exchanges: 1, failed: 0, bytes: 100, kept: 1 });
    expect((await store.readRunFindings(runId)).traffic).toEqual(await store.findTraffic(runId));
  });

  test("of a run the first 500 are kept and 500 more that failed, and all of them are counted", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const runId = await fixture.submit();
    await store.appendExchanges([batchOf(runId, times(400, exchangeOf(200)))]);
    await store.appendExchanges([batchOf(runId, [...times(200, exchangeOf(200)), ...times(300, exchangeOf(500))])]);
    expect(await store.findTraffic(runId)).toMatchObject({ exchanges: 900, failed: 300, kept: 800 });
    await store.appendExchanges([batchOf(runId, times(300, exchangeOf(500)))]);
    expect(await store.findTraffic(runId)).toMatchObject({ exchanges: 1_200, failed: 600, kept: 1_000 });
    const kept = await store.listExchanges({ runId, isFailed: true, after: 0, limit: 1_000 });
    expect([kept.length, kept[0]?.seq, kept.at(-1)?.seq]).toEqual([500, 601, 1_100]);
  });

  test("the newest of a connection are found over all runs", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const [a, b] = [await fixture.submit(), await fixture.submit()];
    const through = (connection: string, startedAtMs: number): Exchange => ({
      ...exchangeOf(200),
      connection,
      startedAtMs,
    });
    await store.appendExchanges([batchOf(a, [through("crm", 10), through("ads", 20), through("crm", 30)])]);
    await store.appendExchanges([batchOf(b, [through("crm", 20), exchangeOf(200)])]);
    const newest = await store.listExchangesThrough("crm", 2);
    expect(newest.map(({ runId, startedAtMs }) => [runId, startedAtMs])).toEqual([
      [a, 30],
      [b, 20],
    ]);
  });

  test("exchanges go with the history of their run, and none is kept of a run that is gone", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const runId = await fixture.submit();
    await store.appendExchanges([batchOf(runId, [exchangeOf(200)])]);
    await fixture.finish(await fixture.claimOne(await fixture.worker()));
    clock.advance(1);
    await store.removeHistory({ endedBeforeMs: clock.now(), limit: 1 });
    await store.appendExchanges([batchOf(runId, [exchangeOf(200)])]);
    expect(await store.findTraffic(runId)).toEqual({ exchanges: 0, failed: 0, bytes: 0, kept: 0 });
    expect(await store.listExchanges({ runId, isFailed: false, after: 0, limit: 10 })).toEqual([]);
  });
}

function exchangeOf(status: number | undefined): Exchange {
  const answer = status === undefined ? { error: "CONNECTION_FAILED" } : { status };
  return {
    ...answer,
    method: "GET",
    address: "https://x.example/a?key=[masked]",
    startedAtMs: 1,
    durationMs: 12,
    receivedBytes: 100,
    repeat: 0,
  };
}

function batchOf(runId: RunId, exchanges: readonly Exchange[]): ExchangeBatch {
  const failed = exchanges.filter(({ status, error }) => error !== undefined || (status ?? 0) >= 400).length;
  const kept = exchanges.map((exchange, index) => ({ ...exchange, position: index + 1 }));
  return { runId, attempt: 1, exchanges: exchanges.length, failed, bytes: exchanges.length * 100, kept };
}

function times(count: number, exchange: Exchange): readonly Exchange[] {
  return Array.from({ length: count }, () => exchange);
}
