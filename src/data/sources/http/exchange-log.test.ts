import { expect, test } from "vitest";
import { ExchangeLog } from "./exchange-log.ts";

test("totals are of all exchanges, and only the first and last are kept", () => {
  const log = new ExchangeLog();
  expect(log.summary()).toBeUndefined();
  for (let page = 1; page <= 1_000; page += 1) {
    const status = page === 1_000 ? null : page % 10 === 0 ? 429 : 200;
    log.note({ unit: "", page, method: "GET", address: "http://a.test/", status, bytes: 10, ms: 1 });
  }
  const summary = log.summary() as { readonly exchanges: readonly { readonly page: number }[] };
  expect(summary).toMatchObject({
    requests: 1_000,
    bytes: 10_000,
    statuses: { 200: 900, 429: 99, none: 1 },
    left_out: 950,
  });
  expect(summary.exchanges.map(({ page }) => page)).toEqual([
    ...Array.from({ length: 20 }, (_, index) => index + 1),
    ...Array.from({ length: 30 }, (_, index) => index + 971),
  ]);
});
