// Entry of the heartbeat's thread: one update of one row for each beat, on a connection that it opens anew when it breaks.
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import {
  createWedgeDetector,
  type HeartbeatPulse,
  type HeartbeatThreadMessage,
  stopIndex,
} from "../heartbeat-pulse.ts";
import { clientConfig, prepareSession, type StoreAddress } from "./session.ts";

const input = workerData as HeartbeatPulse & { readonly address: StoreAddress };
const { address, workerId, ttlMs, wedgedAfterMs, shared } = input;

// Primary key; one row a process. Says what the row is when it is no longer active.
const beatText = `with beat as (update worker
    set expires_at = (extract(epoch from clock_timestamp()) * 1000)::bigint + $2 where id = $1 and state = 'active' returning 1)
  select (select count(*) from beat) = 1 as beaten, (select state from worker where id = $1) as state`;

let client: pg.Client | undefined;
try {
  if ((await beatUntilStopped()) === "lost") parentPort?.postMessage("lost" satisfies HeartbeatThreadMessage);
} finally {
  await disconnect();
}

async function beatUntilStopped(): Promise<"lost" | "stopped"> {
  const isWedged = createWedgeDetector(input);
  for (;;) {
    const beatAt = performance.now();
    const verdict = isWedged() ? "active" : await tryBeat();
    if (verdict !== "active") return verdict === "retired" ? "stopped" : "lost";
    // Looks more often than it beats, to see the main thread come back soon after it was wedged.
    const untilBeatAt = beatAt + ttlMs / 3;
    do {
      await rest(Math.max(1, Math.min(untilBeatAt - performance.now(), wedgedAfterMs / 4)));
      if (Atomics.load(shared, stopIndex) === 1) return "stopped";
      isWedged();
    } while (performance.now() < untilBeatAt);
  }
}

// A database that is busy or unreachable says nothing about the row.
async function tryBeat(): Promise<"active" | "retired" | "dead"> {
  try {
    const beat = { name: "beat", text: beatText, values: [workerId, ttlMs] };
    const { rows } = await (
      await connect()
    ).query<{ beaten: boolean; state: "active" | "retired" | "dead" | null }>(beat);
    const [row] = rows;
    return row?.beaten === true ? "active" : (row?.state ?? "dead");
  } catch {
    await disconnect();
    return "active";
  }
}

async function connect(): Promise<pg.Client> {
  if (client !== undefined) return client;
  const patienceMs = Math.max(250, ttlMs / 3);
  const fresh = new pg.Client({
    ...clientConfig(address.url, patienceMs),
    application_name: "millrace-heartbeat",
    connectionTimeoutMillis: patienceMs,
  });
  fresh.on("error", () => void disconnect());
  client = fresh;
  await fresh.connect();
  // A beat that is lost with the power does no harm, so it never waits for the disk.
  await prepareSession(fresh, { address, callTimeoutMs: patienceMs, more: { synchronous_commit: "off" } });
  return fresh;
}

async function disconnect(): Promise<void> {
  const broken = client;
  client = undefined;
  if (broken === undefined) return;
  // The goodbye may find no way through the network; the process's end closes the socket then.
  const given = new AbortController();
  const patience = sleep(1_000, undefined, { signal: given.signal }).catch(() => {});
  await Promise.race([broken.end().catch(() => {}), patience]);
  // a timer that is left would keep the thread, and whoever stops it, for that second
  given.abort();
}

// Ends early when the main thread asks to stop, and at once when it has asked during a beat.
async function rest(ms: number): Promise<void> {
  const stop = Atomics.waitAsync(shared, stopIndex, 0);
  if (!stop.async) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    void stop.value.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
