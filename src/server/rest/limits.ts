// Shows and changes what runs share: how many may pass each gate at once.
import type { Limit } from "../../api/orchestrator.ts";
import type { LimitState } from "../../store/control/control-store.ts";
import type { Handlers } from "../handler.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstantOrNull } from "../views/to-instant.ts";

export function createLimitHandlers({ store }: ServerServices): Handlers<"listLimits" | "putLimits"> {
  const listLimits = async (): Promise<{ items: readonly Limit[] }> => ({
    items: (await store.listLimits()).map(toLimit),
  });
  return {
    listLimits,
    async putLimits({ body: { limits } }) {
      await store.setLimits(
        limits.map(({ gate, capacity, seen_capacity: seen }) => ({
          gate,
          capacity: capacity ?? undefined,
          ...(seen === undefined ? {} : { seenCapacity: seen }),
        })),
      );
      return await listLimits();
    },
  };
}

function toLimit({ gate, capacity, held, blockedUntilMs }: LimitState): Limit {
  return { gate, capacity: capacity ?? null, held, blocked_until: toInstantOrNull(blockedUntilMs) };
}
