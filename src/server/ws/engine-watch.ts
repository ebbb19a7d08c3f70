// Notices that the engine was started or stopped and that jobs were paused or resumed as a whole, whoever asked for it.
import type { ControlStore } from "../../store/control/control-store.ts";
import type { WorkStore } from "../../store/claim/work-store.ts";

export interface EngineWatchOptions {
  readonly store: Pick<ControlStore & WorkStore, "engineState" | "listPausedJobs" | "subscribe">;
  readonly onChange: (engine: { readonly claiming: boolean }) => void;
  readonly onError: (error: unknown) => void;
}

const lookEveryMs = 1_000;

/** Looks once a second, and soon after a hint. What was so at the beginning is no change. */
export function watchEngine({ store, onChange, onError }: EngineWatchOptions): Disposable {
  let known: string | undefined;
  let isLooking = false;
  let isOver = false;
  const look = async (isCertain: boolean): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      const [{ claiming, atMs }, paused] = [await store.engineState(), await store.listPausedJobs()];
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
  const hints = store.subscribe((hint) => {
    if (hint !== "ready") void look(hint === "schedule");
  });
  void look(false);
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      clearInterval(timer);
      hints[Symbol.dispose]();
    },
  };
}
