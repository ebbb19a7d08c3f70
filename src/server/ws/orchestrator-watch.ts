// Notices that the orchestrator was started or stopped and that jobs were paused or resumed as a whole, whoever asked for it.
import type { ControlStore } from "../../store/control/control-store.ts";
import type { WorkStore } from "../../store/claim/work-store.ts";

export interface OrchestratorWatchOptions {
  readonly store: Pick<ControlStore & WorkStore, "orchestratorState" | "listPausedJobs" | "subscribe">;
  readonly onChange: (orchestrator: { readonly claiming: boolean }) => void;
  readonly onError: (error: unknown) => void;
}

const lookEveryMs = 1_000;

/** Looks once a second, and soon after a change. What was so at the beginning is no change. */
export function watchOrchestrator({ store, onChange, onError }: OrchestratorWatchOptions): Disposable {
  let known: string | undefined;
  let isLooking = false;
  let isOver = false;
  const look = async (isCertain: boolean): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      const [{ claiming, atMs }, paused] = [await store.orchestratorState(), await store.listPausedJobs()];
      const found = JSON.stringify([claiming, atMs, paused.map((pause) => [pause.job, pause.atMs])]);
      const isChanged = known !== undefined && (known !== found || isCertain);
      known = found;
      if (isChanged && !isOver) onChange({ claiming });
    } catch (error) {
      onError(error);
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(false), lookEveryMs);
  const changes = store.subscribe((change) => {
    if (change !== "ready") void look(change === "schedule");
  });
  void look(false);
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      clearInterval(timer);
      changes[Symbol.dispose]();
    },
  };
}
