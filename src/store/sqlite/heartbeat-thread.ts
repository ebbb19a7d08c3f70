// Entry of the heartbeat's thread. It blocks on shared memory between beats, so it needs no timers and stops at once.
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import {
  createWedgeDetector,
  type HeartbeatPulse,
  type HeartbeatThreadMessage,
  stopIndex,
} from "../heartbeat-pulse.ts";
import { uptimeMs } from "./uptime.ts";

export interface HeartbeatThreadInput extends HeartbeatPulse {
  readonly path: string;
  /** What `expires_at` counts on: the monotonic clock of the machine, or the time of day. */
  readonly clock: "uptime" | "wall";
}

const input = workerData as HeartbeatThreadInput;
const { path, clock, workerId, ttlMs, wedgedAfterMs, shared } = input;

const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
// A beat lost with the power does no harm, so this connection does not flush: it never waits for the disk.
database.exec(`pragma busy_timeout = ${Math.trunc(Math.max(100, ttlMs / 3))}; pragma synchronous = normal;`);
// Primary key; one row a process.
const beat = database.prepare("update worker set expires_at = ? where id = ? and state = 'active'");
const readState = database.prepare("select state from worker where id = ?");

try {
  if (beatUntilStopped() === "lost") parentPort?.postMessage("lost" satisfies HeartbeatThreadMessage);
} finally {
  database.close();
}

function beatUntilStopped(): "lost" | "stopped" {
  const isWedged = createWedgeDetector(input);
  for (;;) {
    const beatAt = performance.now();
    if (!isWedged() && !tryBeat()) return readState.get(workerId)?.["state"] === "retired" ? "stopped" : "lost";
    // Looks more often than it beats, to see the main thread come back soon after it was wedged.
    const untilBeatAt = beatAt + ttlMs / 3;
    do {
      const restMs = Math.max(1, Math.min(untilBeatAt - performance.now(), wedgedAfterMs / 4));
      Atomics.wait(shared, stopIndex, 0, restMs);
      if (Atomics.load(shared, stopIndex) === 1) return "stopped";
      isWedged();
    } while (performance.now() < untilBeatAt);
  }
}

// False when the row is no longer active. A store that is busy or unreachable says nothing about the row.
function tryBeat(): boolean {
  try {
    return Number(beat.run((clock === "uptime" ? uptimeMs() : Date.now()) + ttlMs, workerId).changes) === 1;
  } catch {
    return true;
  }
}
