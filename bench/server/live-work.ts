// Runs that come and finish at a steady rate: `live-work.ts <store address> <runs a second> <seconds>`. Each run has three
// events. Works as an engine does: submits one by one, claims and settles in batches.
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

const [address = "", rateText = "200", secondsText = "10"] = process.argv.slice(2);
const tickMs = 50;
const perTick = (Number(rateText) * tickMs) / 1_000;
const ticks = (Number(secondsText) * 1_000) / tickMs;

await using store = address.startsWith("postgres:")
  ? await createPostgresStore({ url: address })
  : await createSqliteStore({ path: address });
const workerId = await store.registerWorker({
  name: "bench",
  ttlMs: 600_000,
  process: { host: "h", bootId: "b", pid: process.pid, startTicks: "1" },
});
const startedAtMs = performance.now();
let finished = 0;
for (let tick = 0; tick < ticks; tick += 1) {
  for (let index = 0; index < perTick; index += 1) {
    await store.submit({
      runs: [{ job: "noop", kind: "job", params: {}, tenant: "bench", createdBy: "bench" }],
      edges: [],
    });
  }
  const runs = await store.claim({ workerId, limit: perTick });
  await store.settle(runs.map(({ runId, epoch }) => ({ runId, epoch, end: "finished" as const, result: null })));
  finished += runs.length;
  const aheadMs = startedAtMs + (tick + 1) * tickMs - performance.now();
  if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
}
process.send?.({ finished, tookMs: performance.now() - startedAtMs });
process.disconnect?.();
