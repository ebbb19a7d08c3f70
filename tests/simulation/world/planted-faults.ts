// Bugs to plant between the model and the store, one small change each, to prove that the simulator sees them.
import type { Fence, Settlement } from "../../../src/store/rows/run-records.ts";
import type { Store } from "../../../src/store/store.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulationRandom } from "./simulation-random.ts";
import type { StoreFile } from "./store-file.ts";

export interface PlantedContext {
  readonly file: StoreFile;
  readonly random: SimulationRandom;
  /** The store's time. */
  readonly now: () => number;
}

/** A bug. */
export interface PlantedFault {
  /** Methods with the bug, in place of the store's. */
  readonly methods?: (store: Store, context: PlantedContext) => Partial<Store>;
  /** The clock by which a heartbeat prolongs leases; default the store's. */
  readonly leaseClock?: (process: SimulatedProcess) => number;
}

/** The store with the bug. */
export function plant(store: Store, fault: PlantedFault | undefined, context: PlantedContext): Store {
  const methods = fault?.methods?.(store, context);
  if (methods === undefined) return store;
  return new Proxy(store, {
    get: (target, name) => (name in methods ? Reflect.get(methods, name) : Reflect.get(target, name)) as unknown,
  });
}

/** Every bug by name. */
export const plantedFaults: Readonly<Record<string, PlantedFault>> = {
  "completion without its fence": {
    methods: (store, { file }) => ({
      settle: (settlements) =>
        store.settle(settlements.map((settlement) => ({ ...settlement, ...currentFence(file, settlement) }))),
    }),
  },
  "checkpoint without its fence": {
    methods: (store, { file }) => ({
      saveCheckpoint: (fence, data) => store.saveCheckpoint(currentFence(file, fence), data),
    }),
  },
  "refused completion told as accepted": {
    methods: (store) => ({ settle: async (settlements) => ({ ...(await store.settle(settlements)), lostRunIds: [] }) }),
  },
  "completion acknowledged before its commit": {
    methods: (store, { random }) => ({
      settle: async (settlements) =>
        random.chance(0.2) ? { lostRunIds: [], readied: 0 } : await store.settle(settlements),
    }),
  },
  "checkpoint acknowledged before its commit": {
    methods: (store, { random }) => ({
      saveCheckpoint: async (fence, data) => (random.chance(0.3) ? undefined : await store.saveCheckpoint(fence, data)),
    }),
  },
  "step not remembered": {
    methods: (store, { random }) => ({
      saveSteps: async (steps) => (random.chance(0.5) ? [] : await store.saveSteps(steps)),
    }),
  },
  "units not remembered": {
    methods: (store, { random }) => ({
      saveUnits: async (fence, units) => (random.chance(0.5) ? undefined : await store.saveUnits(fence, units)),
    }),
  },
  "checkpoint that goes back": {
    methods: (store) => ({
      loadCheckpoints: async (runId) => {
        const versions = await store.loadCheckpoints(runId);
        return versions.length > 1 ? versions.slice(1) : versions;
      },
    }),
  },
  "lost wake-up": {
    methods: (store, { file, random }) => ({
      settle: async (settlements) => {
        const result = await store.settle(settlements);
        if (random.chance(0.3)) file.run("update waiting set pending = pending + 1");
        return result;
      },
    }),
  },
  "dependants woken by their first upstream run": {
    methods: (store, { file }) => ({
      submit: async (submission) => {
        const result = await store.submit(submission);
        file.run("update waiting set pending = 1");
        return result;
      },
    }),
  },
  "policy of an edge ignored": {
    methods: (store, { file }) => ({
      settle: (settlements) => {
        file.run("update edge set policy = 'continue'");
        return store.settle(settlements);
      },
    }),
  },
  "leases by the clock of the worker": { leaseClock: (process) => process.clock.now() },
  "live worker taken for dead": {
    methods: (store, { file, random }) => ({
      reap: (request) => {
        if (random.chance(0.05)) file.run("update worker set expires_at = 0 where id = (select max(id) from worker)");
        return store.reap(request);
      },
    }),
  },
  "rescue by elapsed time": {
    methods: (store, { file, now }) => ({
      reap: (request) => {
        file.run("update lease set worker_id = 0 where started_at < ?", now() - 8_000);
        return store.reap(request);
      },
    }),
  },
  "epoch that stays": {
    methods: (store, { file }) => ({
      claim: async (request) => {
        const runs = await store.claim(request);
        for (const { runId } of runs)
          file.run("update lease set epoch = epoch - 1 where run_id = ? and epoch > 1", runId);
        return runs.map((run) => ({ ...run, epoch: Math.max(1, run.epoch - 1) }));
      },
    }),
  },
  "attempt counted twice": {
    methods: (store, { file }) => ({
      claim: async (request) => {
        const runs = await store.claim(request);
        for (const { runId } of runs) file.run("update lease set attempt = attempt + 1 where run_id = ?", runId);
        return runs.map((run) => ({ ...run, attempt: run.attempt + 1 }));
      },
    }),
  },
  "permanent failure tried again": {
    methods: (store) => ({
      settle: (settlements) => store.settle(settlements.map(toRetry)),
    }),
  },
  "run key ignored": {
    methods: (store) => ({ submit: ({ runs, edges }) => store.submit({ runs, edges }) }),
  },
  "retry before its time": {
    methods: (store, { file }) => ({
      promote: (limit) => {
        file.run("update scheduled set run_at = 0");
        return store.promote(limit);
      },
    }),
  },
  "promoted run lost": {
    methods: (store, { file, random }) => ({
      promote: async (limit) => {
        const promoted = await store.promote(limit);
        if (promoted > 0 && random.chance(0.3))
          file.run("delete from ready where run_id = (select max(run_id) from ready)");
        return promoted;
      },
    }),
  },
  "reaped run lost": {
    methods: (store, { file }) => ({
      reap: async (request) => {
        const runIds = await store.reap(request);
        for (const runId of runIds) file.run("delete from ready where run_id = ?", runId);
        return runIds;
      },
    }),
  },
  "loss counted as an attempt": {
    methods: (store, { file }) => ({
      reap: async (request) => {
        const runIds = await store.reap(request);
        for (const runId of runIds) file.run("update ready set attempt = attempt + 1 where run_id = ?", runId);
        return runIds;
      },
    }),
  },
  "claim for a worker that is out of service": {
    methods: (store, { file, now }) => ({
      claim: (request) => {
        file.run("update worker set state = 'active', expires_at = ? where id = ?", now() + 60_000, request.workerId);
        return store.claim(request);
      },
    }),
  },
  "one run too many": {
    methods: (store) => ({ claim: (request) => store.claim({ ...request, limit: request.limit + 1 }) }),
  },
  "run handed out twice": {
    methods: (store, { random }) => ({
      claim: async (request) => {
        const runs = await store.claim(request);
        return random.chance(0.2) ? [...runs, ...runs.slice(0, 1)] : runs;
      },
    }),
  },
  "runs of a lost claim kept": {
    methods: (store) => ({ claim: ({ workerId, limit, jobs = new Set() }) => store.claim({ workerId, limit, jobs }) }),
  },
  "limit off by one": {
    methods: (store) => ({
      setLimits: (limits) =>
        store.setLimits(
          limits.map(({ gate, capacity }) => ({ gate, capacity: capacity === undefined ? undefined : capacity + 1 })),
        ),
    }),
  },
  "slot not taken": {
    methods: (store, { file }) => ({
      claim: async (request) => {
        const runs = await store.claim(request);
        for (const { runId } of runs) file.run("delete from slot where run_id = ?", runId);
        return runs;
      },
    }),
  },
  "pause that changes nothing": {
    methods: (store) => ({
      control: async (request) =>
        request.action === "pause" ? { changed: 1, requested: 0 } : await store.control(request),
    }),
  },
  "stop that is forgotten when the handler fails": {
    methods: (store, { file }) => ({
      settle: (settlements) => {
        for (const { runId } of settlements) file.run("delete from request where run_id = ?", runId);
        return store.settle(settlements);
      },
    }),
  },
  "stopped orchestrator that claims": {
    methods: (store, { file }) => ({
      claim: (request) => {
        file.run("update engine set claiming = 1");
        return store.claim(request);
      },
    }),
  },
  "emergency stop that spares who executes": {
    methods: (store) => ({
      switchOrchestrator: ({ action, by }) =>
        store.switchOrchestrator({ action: action === "start" ? "start" : "stop", by }),
    }),
  },
  "rerun that begins its epochs anew": {
    methods: (store, { file }) => ({
      control: async (request) => {
        const result = await store.control(request);
        if (request.action === "rerun") file.run("update ready set epoch = 0");
        return result;
      },
    }),
  },
  "gap in the history": {
    methods: (store, { file }) => ({
      settle: async (settlements) => {
        const result = await store.settle(settlements);
        for (const { runId } of settlements)
          file.run(
            "update event set seq = seq + 1 where run_id = ?1 and seq = (select max(seq) from event where run_id = ?1)",
            runId,
          );
        return result;
      },
    }),
  },
};

function currentFence(file: StoreFile, { runId, epoch }: Fence): Fence {
  const row = file.all<{ epoch: number }>("select epoch from lease where run_id = ?", runId)[0];
  return { runId, epoch: row?.epoch ?? epoch };
}

function toRetry(settlement: Settlement): Settlement {
  if (settlement.end !== "failed") return settlement;
  const { runId, epoch, error } = settlement;
  return { runId, epoch, error, end: "retry", delayMs: 1_000 };
}
