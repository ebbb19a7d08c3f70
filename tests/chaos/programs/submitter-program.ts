// Submits the orders of the plan, as far as it is told to, and writes down what was acknowledged. When an answer got lost
// nobody tries the order again, unless it has a key: then it is asked for until there is an answer.
import { createInterface } from "node:readline";
import { type LedgerEntry, openLedger, readLedger } from "./ledger.ts";
import { keyedPatienceMs, type Order, planOrders, toOrderSubmission } from "./orders.ts";
import { openPatiently, readProgramOptions, reportTrouble } from "./program-options.ts";
import { createWorkload, limitedCapacity } from "./workload.ts";

/** Orders under way at once. */
const lanes = 6;

const options = readProgramOptions();
const before = await readLedger(options.ledger);
const orders = planOrders(options.plan).slice(findNextOrder(before));
let acknowledgedRuns = before.reduce((sum, entry) => sum + (entry.kind === "acknowledged" ? entry.runs.length : 0), 0);
using ledger = openLedger(options.ledger);
const workload = createWorkload(ledger, options);
const store = await openPatiently(options.store);
let allowedRuns = 0;
let wake: PromiseWithResolvers<void> | undefined;
let isLeaving = false;

// Each line is the number of runs that may have been acknowledged by now.
createInterface({ input: process.stdin })
  .on("line", (line) => {
    allowedRuns = Number(line);
    wakeUp();
  })
  .once("close", () => process.exit(1));
process.once("SIGTERM", () => {
  isLeaving = true;
  wakeUp();
});

await patiently(() => store.setLimits([{ gate: "job:limited", capacity: limitedCapacity }]));
process.stdout.write("ready\n");
const next = orders.values();
await Promise.all(Array.from({ length: lanes }, () => submitAll(next)));
await rest();
await store[Symbol.asyncDispose]();
process.exit(0);

// The lanes share one iterator, so each order goes to one of them.
async function submitAll(next: Iterable<Order>): Promise<void> {
  for (const order of next) {
    if (acknowledgedRuns >= options.plan.runs) break;
    while (acknowledgedRuns >= allowedRuns && !isLeaving) await woken();
    if (isLeaving) return;
    ledger.write({ kind: "ordered", order: order.order });
    await submit(order);
  }
}

async function rest(): Promise<void> {
  if (acknowledgedRuns >= options.plan.runs) process.stdout.write("done\n");
  while (!isLeaving) await woken();
}

function woken(): Promise<void> {
  wake ??= Promise.withResolvers<void>();
  return wake.promise;
}

function wakeUp(): void {
  wake?.resolve();
  wake = undefined;
}

async function submit(order: Order): Promise<void> {
  const submission = toOrderSubmission(order, workload, Date.now());
  for (const startedAt = performance.now(); ;) {
    try {
      const { runIds } = await store.submit(submission);
      ledger.write({ kind: "acknowledged", order: order.order, runs: runIds });
      acknowledgedRuns += runIds.length;
      process.stdout.write(`acknowledged ${acknowledgedRuns}\n`);
      return;
    } catch (error) {
      reportTrouble(error);
      // It may or may not have been taken. What comes next waits until the store answers again.
      await patiently(() => store.setLimits([]));
      if (order.kind !== "keyed" || performance.now() - startedAt > keyedPatienceMs) return;
    }
  }
}

async function patiently(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      reportTrouble(error);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function findNextOrder(entries: readonly LedgerEntry[]): number {
  return entries.reduce((next, entry) => (entry.kind === "ordered" ? Math.max(next, entry.order + 1) : next), 0);
}
