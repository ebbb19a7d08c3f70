// The orchestrator as a whole: its switch, its workers, its health.
import type { OrchestratorActionResult, Orchestrator } from "../../api/orchestrator.ts";
import { readHealthWithoutHeld } from "../../orchestrator/explain/late-schedules.ts";
import { checkHealth } from "../../orchestrator/upkeep/check-health.ts";
import type { OrchestratorRequest } from "../../store/control/control-store.ts";
import type { CallContext, Handlers } from "../handler.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";

type OrchestratorActionHandler = (
  input: { readonly body: { readonly reason?: string } },
  context: CallContext,
) => Promise<OrchestratorActionResult>;

export function createOrchestratorHandlers(
  services: ServerServices,
): Handlers<"showOrchestrator" | "startOrchestrator" | "stopOrchestrator" | "emergencyStop"> {
  const act =
    (action: OrchestratorRequest["action"]): OrchestratorActionHandler =>
    async ({ body: { reason } }, { caller }) => {
      const why = reason === undefined || reason === "" ? {} : { reason };
      const { claiming, stopped } = await services.store.switchOrchestrator({ action, by: caller.name, ...why });
      return { claiming, stopped };
    };
  return {
    showOrchestrator: async () => await showOrchestrator(services),
    startOrchestrator: act("start"),
    stopOrchestrator: act("stop"),
    emergencyStop: act("emergency_stop"),
  };
}

const maxWorkers = 1_000;

async function showOrchestrator({ store, version }: ServerServices): Promise<Orchestrator> {
  const [state, workers, health, nowMs] = await Promise.all([
    store.orchestratorState(),
    store.listWorkers(),
    checkHealth({
      store: {
        readHealth: ({ lateMs }) => readHealthWithoutHeld(store, lateMs),
        listBreakers: () => store.listBreakers(),
      },
      clock: { now: () => Date.now() },
      measureDisks: () => Promise.resolve([]),
    }),
    store.readClockMs(),
  ]);
  const { executing, ready, retries, deadLeases, lateRuns, lateSchedules } = health.orchestrator;
  return {
    claiming: state.claiming,
    changed_by: state.by,
    reason: state.reason ?? null,
    // A new store has the beginning of time.
    changed_at: state.atMs === 0 ? null : toInstant(state.atMs),
    now: toInstant(nowMs),
    store: store.dialect,
    version,
    workers: workers.slice(0, maxWorkers).map(({ name, process, expiresAtMs }) => ({
      name,
      host: process.host,
      expires_at: toInstant(expiresAtMs),
      alive: expiresAtMs > nowMs,
    })),
    health: {
      executing,
      ready,
      retries,
      dead_leases: deadLeases,
      late_runs: lateRuns,
      late_schedules: lateSchedules,
    },
    problems: health.problems,
  };
}
