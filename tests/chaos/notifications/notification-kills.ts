// Kills a process that executes runs and tells of them, at random moments and around acknowledgements, and counts what was lost and what
// was told again.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NotificationRecord } from "../../../src/store/notifications/notification-store.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Random } from "../faults/random.ts";
import type { KillProgramOptions } from "./notification-kill-program.ts";
import { type Peers, startPeers } from "./peers.ts";

export const killMoments = ["request", "acknowledged", "any"] as const;

/** `request`: when one has come in, `acknowledged`: when the answer has left, `any`: after some time. */
export type KillMoment = (typeof killMoments)[number];

export interface NotificationKills {
  /** By moment. */
  readonly kills: Readonly<Record<KillMoment, number>>;
  readonly runs: number;
  readonly messages: number;
  /** Messages that nobody got. */
  readonly lost: number;
  /** Deliveries after the first, each with the id of the first. */
  readonly repeated: number;
  /** How many acknowledgements a kill kept from being recorded. */
  readonly unrecorded: number;
  /** What was not as it must be. */
  readonly findings: readonly string[];
}

/** Kills as often as asked, then lets a last process tell the rest. */
export async function killNotifying(count: number, random: Random): Promise<NotificationKills> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-kills-"));
  const path = join(folder, "store.db");
  await using store = await createSqliteStore({ path });
  await using peers = await startPeers();
  const kills = { request: 0, acknowledged: 0, any: 0 };
  const unrecorded = new Map<string, number>();
  for (let kill = 0; kill < count; kill += 1) {
    const moment = killMoments[kill % killMoments.length] ?? "any";
    await killAt(moment, await start({ path, channels: peers.channels }), peers, random);
    kills[moment] += 1;
    await peers.idle();
    const delivered = peers.deliveries();
    // What the peer has and the store does not know of will come again.
    for (const { uid, state } of await listAll(store)) {
      if (state === "waiting" && delivered.has(uid)) unrecorded.set(uid, delivered.get(uid) ?? 0);
    }
  }
  const last = await start({ path, channels: peers.channels });
  last.send("finish");
  await once(last, "exit");
  const report = await judge(store, peers.deliveries(), unrecorded);
  await rm(folder, { recursive: true });
  return { kills, ...report };
}

async function start(options: KillProgramOptions): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("notification-kill-program.ts", import.meta.url));
  const execArgv = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning"];
  const child = fork(program, [JSON.stringify(options)], { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await once(child, "message");
  return child;
}

async function killAt(moment: KillMoment, child: ChildProcess, peers: Peers, random: Random): Promise<void> {
  const exited = once(child, "exit");
  let left = random.integer(1, 12);
  const kill = (): void => void child.kill("SIGKILL");
  if (moment === "any") setTimeout(kill, random.integer(5, 120));
  else {
    peers.watch((seen) => {
      if (seen === moment && (left -= 1) === 0) kill();
    });
  }
  await exited;
  peers.watch(() => undefined);
}

async function judge(
  store: Store,
  deliveries: ReadonlyMap<string, number>,
  unrecorded: ReadonlyMap<string, number>,
): Promise<Omit<NotificationKills, "kills">> {
  const records = await listAll(store);
  const { runs, unfinished } = await countRuns(store);
  const lost = records.filter(({ uid }) => !deliveries.has(uid)).length;
  const unlike = records.filter(({ uid }) => (deliveries.get(uid) ?? 0) !== (unrecorded.get(uid) ?? 0) + 1);
  const known = new Set(records.map(({ uid }) => uid));
  const strangers = [...deliveries.keys()].filter((uid) => !known.has(uid));
  const findings = [
    ...(unfinished === 0 ? [] : [`${unfinished} runs did not finish`]),
    ...(records.length === runs * 3 ? [] : [`${runs} runs that finished have ${records.length} messages`]),
    ...records.filter(({ state }) => state !== "sent").map(({ id, state }) => `message ${id} is ${state}`),
    ...unlike.map(
      ({ id, uid }) => `message ${id} came ${deliveries.get(uid) ?? 0} times, unrecorded ${unrecorded.get(uid) ?? 0}`,
    ),
    ...strangers.map((uid) => `a message \`${uid}\` came that nobody wrote`),
  ];
  const total = [...deliveries.values()].reduce((sum, times) => sum + times, 0);
  return {
    runs,
    messages: records.length,
    lost,
    repeated: total - deliveries.size,
    unrecorded: [...unrecorded.values()].reduce((sum, times) => sum + times, 0),
    findings: findings.slice(0, 20),
  };
}

async function listAll(store: Store): Promise<readonly NotificationRecord[]> {
  const all: NotificationRecord[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await store.listNotifications({ limit: 5_000, ...(last === undefined ? {} : { beforeId: last.id }) });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

async function countRuns(store: Store): Promise<{ readonly runs: number; readonly unfinished: number }> {
  const runs = await store.listRuns({ limit: 1_000_000 });
  return {
    runs: runs.filter(({ state }) => state === "FINISHED").length,
    unfinished: runs.filter(({ state }) => state !== "FINISHED").length,
  };
}
