// The plans of hot statements on tables that have grown since the plans and their statistics were made: none may read a
// whole table, however small it once was.
import { expect, test } from "vitest";
import { prepareSubmission } from "../../src/store/submit/prepare-submission.ts";
import type { WorkerId } from "../../src/store/rows/run-records.ts";
import { Claimer } from "../../src/store/postgres/claim.ts";
import { runScript } from "../../src/store/postgres/run-script.ts";
import { settle, type SettlerOptions } from "../../src/store/postgres/settle.ts";
import { assertLease } from "../../src/store/rows/fence.ts";
import { claim as claimByScript } from "../../src/store/claim/claim.ts";
import { promote } from "../../src/store/settle/promote.ts";
import { submit } from "../../src/store/submit/submit.ts";
import { registerWorker } from "../../src/store/settle/workers.ts";
import { createTestDatabase } from "../support/postgres/postgres-test-database.ts";
import { RecordingSession } from "../support/postgres/recording-session.ts";
import { newRun } from "./store/store-fixture.ts";

const nowMs = Date.UTC(2026, 0, 1);

test("no hot statement reads a whole table, whatever it was planned for", async () => {
  await using database = await createTestDatabase();
  const session = await RecordingSession.open(database.url);
  try {
    await workOnce(session);
    const offenders = await session.findWholeReads();
    expect([...session.names]).toEqual(expect.arrayContaining(["claim_take", "claim_heads", "claim_lanes", "settle"]));
    expect(session.names.size).toBeGreaterThan(20);
    expect(offenders).toEqual([]);
  } finally {
    await session.close();
  }
});

test("a planted statement without an index is found", async () => {
  await using database = await createTestDatabase();
  const session = await RecordingSession.open(database.url);
  try {
    await session.query({ name: "planted", text: "select count(*) from run where created_by = $1" }, ["ada"]);
    expect(await session.findWholeReads()).toContainEqual(expect.stringContaining("planted"));
  } finally {
    await session.close();
  }
});

// Every kind of hot work, on tables that are nearly empty.
async function workOnce(session: RecordingSession): Promise<void> {
  const workerId = await runScript(session, registerWorker(registration, { nowMs, aliveMs: nowMs }));
  const pipeline = prepareSubmission({
    runs: [
      newRun({ job: "nightly", kind: "pipeline" }),
      newRun({ parent: 0 }),
      newRun({ parent: 0, job: "other", tenant: "b", gates: ["pool:small"] }),
    ],
    edges: [{ parent: 1, child: 2, onUpstreamFailure: "cancel" }],
  });
  const later = prepareSubmission({ runs: [newRun({ runAtMs: nowMs + 1 })], edges: [] });
  await runScript(session, submit([pipeline, pipeline, later], nowMs));
  await runScript(session, promote(10, nowMs + 1));
  await claimAndSettle(session, workerId);
}

async function claimAndSettle(session: RecordingSession, workerId: WorkerId): Promise<void> {
  const claimer = new Claimer({
    db: session,
    readNow: () => nowMs,
    claimByScript: async (request) => await runScript(session, claimByScript(request, { nowMs, aliveMs: nowMs })),
  });
  const settling: SettlerOptions = {
    db: session,
    readNow: () => nowMs,
    transact: async (work) => await work(session, nowMs),
    mayWake: () => false,
  };
  for (let round = 0; round < 3; round += 1) {
    claimer.forget();
    const runs = await claimer.claim({ workerId, limit: 1 });
    for (const run of runs) await runScript(session, assertLease(run));
    await settle(
      settling,
      runs.map(({ runId, epoch }) => ({ runId, epoch, end: "finished", result: null })),
    );
  }
}

const registration = {
  name: "w",
  ttlMs: 60_000,
  process: { host: "h", bootId: "b", pid: 1, startTicks: "1" },
} as const;
