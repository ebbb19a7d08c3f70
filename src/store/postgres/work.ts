// Moves work on Postgres: it has the methods of the port that have statements of their own, with the scripts behind
// them.
import type { ClaimedRun } from "../rows/run-records.ts";
import type { Now, Script } from "../rows/script.ts";
import { createWorkStore, hasNotices } from "../claim/create-work-store.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { claim as claimByScript } from "../claim/claim.ts";
import type { ClaimRequest, WorkStore } from "../claim/work-store.ts";
import type { StoreChange } from "../rows/change-emitter.ts";
import { Claimer } from "./claim.ts";
import type { Database, Statement, Transaction } from "./database.ts";
import { HandedOut } from "./handed-out.ts";
import { runScript } from "./run-script.ts";
import { settle, type SettlerOptions } from "./settle.ts";

export interface WorkOptions {
  readonly db: Database;
  readonly runner: ScriptRunner;
  readonly toNow: (transaction: Transaction) => Now;
  /** The time for tests; `null`: the database's clock. */
  readonly readNow: () => number | null;
}

export interface PostgresWork {
  readonly methods: Omit<WorkStore, "startHeartbeat" | "subscribe">;
  /** Call for every change, of this process or another. */
  readonly onChange: (change: StoreChange) => void;
}

export function createPostgresWork({ db, runner, toNow, readNow }: WorkOptions): PostgresWork {
  const claimer = new Claimer({
    db,
    readNow,
    claimByScript: (request) => claimUnderLimits(db, request, toNow),
  });
  const handedOut = new HandedOut();
  const settling: SettlerOptions = {
    db,
    readNow,
    transact: (work) => db.transact((transaction) => work(transaction, toNow(transaction).nowMs)),
    mayWake: (settlements) => handedOut.haveChildren(settlements),
  };
  const shared = createWorkStore(runner);
  return {
    onChange: (change) => {
      if (change === "ready") claimer.forget();
    },
    methods: {
      ...shared,
      claim: async (request) => await claimOnce({ claimer, handedOut, db, toNow }, request),
      settle: async (settlements) => {
        const result = await settle(settling, settlements);
        handedOut.remove(settlements);
        if (result.readied > 0) runner.announce("ready");
        if (settlements.some(hasNotices)) runner.announce("notice");
        return result;
      },
      retireWorker: async (workerId) => {
        await shared.retireWorker(workerId);
        handedOut.forget(workerId);
      },
    },
  };
}

interface Claiming extends Pick<WorkOptions, "db" | "toNow"> {
  readonly claimer: Claimer;
  readonly handedOut: HandedOut;
}

async function claimOnce(
  { claimer, handedOut, db, toNow }: Claiming,
  request: ClaimRequest,
): Promise<readonly ClaimedRun[]> {
  try {
    const mustLook = handedOut.mayHaveForgotten(request);
    const runs = mustLook ? await claimUnderLimits(db, request, toNow) : await claimer.claim(request);
    if (mustLook) handedOut.know(request);
    handedOut.add(request.workerId, runs);
    return runs;
  } catch (error) {
    handedOut.doubt(request.workerId);
    throw error;
  }
}

// Shared, so that claims pass each other, but an emergency stop waits for this claim or this claim for the stop.
const holdEngine: Statement = { name: "hold_engine", text: "select 1 from engine where id = 1 for share" };

async function claimUnderLimits(
  db: Database,
  request: ClaimRequest,
  toNow: WorkOptions["toNow"],
): Promise<readonly ClaimedRun[]> {
  return await db.transact(async (transaction) => {
    await transaction.query(holdEngine, []);
    const script: Script<readonly ClaimedRun[]> = claimByScript(request, toNow(transaction));
    return await runScript(transaction, script);
  });
}
