// Measures how long people wait when they look at a million runs: every list, filter, grid and chart as the screens ask
// for them, over HTTP, with a token, from a server in a process of its own. A GET route that is not asked fails the
// bench.
import { join } from "node:path";
import { type RouteName, routes } from "../../src/api/routes.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { historyStatements } from "./browse-history.ts";
import { endProcess, hear, startProcess } from "../harness/child-process.ts";
import type { EndpointCase } from "./endpoint-case.ts";
import { endpointCases, leftOut } from "./endpoint-cases.ts";
import { createEndpointClient, type EndpointClient, type EndpointServer } from "./endpoint-client.ts";
import { endpointStatements, fillAccess } from "./endpoint-history.ts";
import { fillPostgres, fillSqlite } from "./fill-history.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const warmUps = 4;
const repetitions = 40;
const targets = { postgres: 50, sqlite: 100 } as const;

export const bench: Bench = {
  name: "endpoints",
  hasServer: true,
  description: `every GET route over 1,000,000 runs, as the screens ask, over HTTP one after the other; beside \`/healthz\` on the same connection`,
  async run() {
    const nowMs = Date.now();
    const cases = endpointCases(nowMs);
    assertCovered(cases);
    await using folder = await createBenchFolder();
    await using postgres = await startBenchPostgres();
    const [address, path] = [await postgres.createDatabase(), join(folder.path, "store.db")];
    await fillPostgres(address, statements("postgres", nowMs));
    await fillSqlite(path, statements("sqlite", nowMs));
    return [...(await measureStore("postgres", address, cases)), ...(await measureStore("sqlite", path, cases))];
  },
};

type Dialect = keyof typeof targets;

function statements(dialect: Dialect, nowMs: number): readonly string[] {
  return [...historyStatements(dialect, nowMs), ...endpointStatements(dialect, nowMs)];
}

function assertCovered(cases: readonly EndpointCase[]): void {
  const asked = new Set(cases.map(({ route }) => route));
  // The table of routes has no other keys.
  const names = Object.keys(routes) as RouteName[];
  const isRight = (name: RouteName): boolean =>
    routes[name].method !== "GET" || asked.has(name) !== (leftOut[name] !== undefined);
  const wrong = names.filter((name) => !isRight(name));
  if (wrong.length > 0) throw new Error(`routes that are neither asked nor left out, or both: ${wrong.join(", ")}`);
}

async function measureStore(dialect: Dialect, address: string, cases: readonly EndpointCase[]): Promise<Measure[]> {
  {
    await using store =
      dialect === "postgres" ? await createPostgresStore({ url: address }) : await createSqliteStore({ path: address });
    await fillAccess(store);
  }
  const process = startProcess(new URL("./endpoint-server.ts", import.meta.url), [address]);
  try {
    using client = createEndpointClient(await hear<EndpointServer>(process));
    const residentMb = async (): Promise<number> => {
      const answer = hear<{ readonly residentMb: number }>(process);
      process.send("memory");
      return (await answer).residentMb;
    };
    await client.ping();
    const idleMb = await residentMb();
    const measures: Measure[] = [];
    for (const each of cases) measures.push(await measureCase(dialect, client, each));
    const memory = {
      name: `${dialect} · memory of the server after all of it`,
      unit: "MB",
      ours: [await residentMb()],
      peer: { name: "before the first", values: [idleMb] },
    } as const;
    return [...measures, memory];
  } finally {
    await endProcess(process);
  }
}

async function measureCase(dialect: Dialect, client: EndpointClient, each: EndpointCase): Promise<Measure> {
  let turn = 0;
  const { ours, ping } = await takeTurns(
    {
      ours: () => timeMs(() => client.call(each, (turn += 1))),
      ping: () => timeMs(() => client.ping()),
    },
    { warmUps, repetitions },
  );
  return {
    name: `${dialect} · ${each.route}${each.name === "" ? "" : `: ${each.name}`}`,
    unit: "ms",
    ours,
    peer: { name: "/healthz", values: ping },
    target: { kind: "p95", atMost: targets[dialect] },
  };
}
