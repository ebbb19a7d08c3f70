// Clients of the WebSocket that all follow every run, while 200 runs a second finish.
import { join } from "node:path";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { endProcess, hear, startProcess } from "../harness/child-process.ts";

/** Runs a second, which is as many messages to each client as three times that. */
const rate = 200;
const steadySeconds = 10;
const reconnectSeconds = 15;
const clientsPerProcess = 1_000;

export const bench: Bench = {
  name: "live-updates",
  hasServer: true,
  description: `clients of one server that all follow every run, while ${rate} runs a second finish: from the commit of an event to the client (all events of all clients), memory of the server, and the time until all are back after all connections were cut; beside a bare \`ws\` server that sends as many bytes to all`,
  async run() {
    await using postgres = await startBenchPostgres();
    await using folder = await createBenchFolder();
    const raw = await measureRaw(2_000, rate);
    const onFile = await measureLive(join(folder.path, "two.db"), 2_000, rate);
    const onPostgres = await measureLive(await postgres.createDatabase(), 2_000, rate);
    return [
      ...toMeasures("2,000 clients, SQLite", onFile, raw, true),
      ...toMeasures("2,000 clients, Postgres", onPostgres, raw, true),
    ];
  },
};

export interface Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMb: number;
  readonly reconnectedMs: number;
}

interface Report {
  readonly total: number;
  readonly delays: readonly number[];
  readonly fewest: number;
  readonly most: number;
  readonly repeated: number;
  readonly resyncs: number;
}

/** What is told of clients beside those of a bare server. */
export function toMeasures(name: string, ours: Figures, raw: Figures, hasTarget: boolean): Measure[] {
  const peer = "a bare `ws` server";
  const measure = (what: string, key: keyof Figures, unit: "ms" | "MB", atMost: number): Measure => ({
    name: `${name}: ${what}`,
    unit,
    ours: [ours[key]],
    peer: { name: peer, values: [raw[key]] },
    ...(hasTarget ? { target: { kind: "value", atMost } } : {}),
  });
  return [
    measure("commit → client, p50", "p50Ms", "ms", 500),
    measure("commit → client, p99", "p99Ms", "ms", 500),
    measure("memory of the server", "residentMb", "MB", 400),
    measure("all are back after all were cut", "reconnectedMs", "ms", 10_000),
  ];
}

/** @throws Error when a client missed an event or got one twice */
export async function measureLive(address: string, count: number, runsPerSecond: number): Promise<Figures> {
  await using live = await startLive([address], count);
  const steady = startProcess(new URL("./live-work.ts", import.meta.url), [
    address,
    String(runsPerSecond),
    String(steadySeconds),
  ]);
  const first = await hear<{ finished: number }>(steady);
  const { all: reports } = await settle(live, first.finished * 3);
  const residentMb = await live.residentMb();
  const work = startProcess(new URL("./live-work.ts", import.meta.url), [
    address,
    String(runsPerSecond),
    String(reconnectSeconds),
  ]);
  const reconnectedMs = await live.reconnect();
  const second = await hear<{ finished: number }>(work);
  const expected = (first.finished + second.finished) * 3;
  const { last } = await settle(live, expected);
  const isWhole = last.every(
    ({ fewest, most, repeated }) => fewest === expected && most === expected && repeated === 0,
  );
  if (!isWhole) {
    const counts = last.map(({ fewest, most, repeated, resyncs }) => ({ fewest, most, repeated, resyncs }));
    throw new Error(`expected ${expected} events at each client, got: ${JSON.stringify(counts)}`);
  }
  return { ...rank(reports), residentMb: Math.max(residentMb, await live.residentMb()), reconnectedMs };
}

/** The same bytes from a server that only sends. */
export async function measureRaw(count: number, runsPerSecond: number): Promise<Figures> {
  await using live = await startLive(["raw", String(runsPerSecond)], count);
  await live.reports();
  await new Promise((resolve) => setTimeout(resolve, steadySeconds * 1_000));
  const reports = await live.reports();
  const residentMb = await live.residentMb();
  return { ...rank(reports), residentMb, reconnectedMs: await live.reconnect() };
}

interface Live extends AsyncDisposable {
  reports(): Promise<readonly Report[]>;
  residentMb(): Promise<number>;
  reconnect(): Promise<number>;
}

async function startLive(serverArgs: readonly string[], count: number): Promise<Live> {
  const server = startProcess(new URL("./live-server.ts", import.meta.url), serverArgs);
  const { url } = await hear<{ url: string }>(server);
  const processes = Array.from({ length: Math.ceil(count / clientsPerProcess) }, () =>
    startProcess(new URL("./live-clients.ts", import.meta.url), [url, String(clientsPerProcess)]),
  );
  await Promise.all(processes.map(async (process) => await hear(process)));
  const tell = async <T>(order: string): Promise<T[]> =>
    await Promise.all(
      processes.map(async (process) => {
        const answer = hear<T>(process);
        process.send(order);
        return await answer;
      }),
    );
  await tell("connect");
  return {
    reports: async () => await tell<Report>("report"),
    residentMb: async () => {
      const answer = hear<{ residentMb: number }>(server);
      server.send("memory");
      return (await answer).residentMb;
    },
    reconnect: async () => {
      const answers = await tell<{ reconnectedMs: number }>("reconnect");
      return Math.max(...answers.map(({ reconnectedMs }) => reconnectedMs));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server, ...processes].map(endProcess));
    },
  };
}

// Asked until every client has all there is, or nothing more comes.
async function settle(live: Live, expected: number): Promise<Settled> {
  const all: Report[] = [];
  for (let quiet = 0; ;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const last = await live.reports();
    all.push(...last);
    quiet = last.every(({ total }) => total === 0) ? quiet + 1 : 0;
    if (quiet === 3 || last.every(({ fewest }) => fewest >= expected)) return { all, last };
  }
}

interface Settled {
  /** With the delays of the whole time. */
  readonly all: readonly Report[];
  /** With the counts of the end. */
  readonly last: readonly Report[];
}

function rank(reports: readonly Report[]): Pick<Figures, "p50Ms" | "p99Ms"> {
  const delays: number[] = [];
  let total = 0;
  for (const report of reports) {
    total += report.total;
    for (const [ms, count] of report.delays.entries()) delays[ms] = (delays[ms] ?? 0) + count;
  }
  const at = (share: number): number => {
    let passed = 0;
    return delays.findIndex((count) => (passed += count ?? 0) >= total * share);
  };
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
