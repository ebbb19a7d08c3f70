// Keeps a worker alive from a thread and connection of its own, so that a blocked main thread does not lose its runs,
// while one that is wedged for good does.
import { threadEntry } from "../../core/thread-entry.ts";
import { hostHeartbeat } from "../heartbeat-host.ts";
import type { Heartbeat, HeartbeatOptions } from "../claim/work-store.ts";
import type { StoreAddress } from "./session.ts";

/** Beats by the database's clock. @throws MillraceError `VALUE_INVALID` */
export function startHeartbeat(address: StoreAddress, options: HeartbeatOptions): Heartbeat {
  return hostHeartbeat(threadEntry("store/postgres/heartbeat-thread"), { address }, options);
}
