// Keeps a worker alive from a thread and connection of its own, so that a blocked main thread does not lose its runs,
// while one that is wedged for good does.
import { threadEntry } from "../../core/thread-entry.ts";
import { hostHeartbeat } from "../heartbeat-host.ts";
import type { Heartbeat, HeartbeatOptions } from "../claim/work-store.ts";
import type { HeartbeatThreadInput } from "./heartbeat-thread.ts";

/** Beats by the clock that the store goes by. @throws MillraceError `VALUE_INVALID` */
export function startHeartbeat(
  path: string,
  clock: HeartbeatThreadInput["clock"],
  options: HeartbeatOptions,
): Heartbeat {
  return hostHeartbeat(threadEntry("store/sqlite/heartbeat-thread"), { path, clock }, options);
}
