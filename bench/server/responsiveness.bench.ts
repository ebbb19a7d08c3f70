// Measures how long people wait for a server that executes busy runs itself, on a store whose calls are answered at
// once.
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { routes } from "../../src/api/routes.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { endProcess, hear, startProcess } from "../harness/child-process.ts";
import type { EndpointServer } from "./endpoint-client.ts";
import type { ResponsiveOrder } from "./responsive-server.ts";

const stops = 12;
const looks = 60;
const lookEveryMs = 50;
const limitMs = 250;

export const bench: Bench = {
  name: "responsiveness",
  hasServer: true,
  description:
    "a server with 4 slots on SQLite: GET of a run beside a job that loops over 60,000 steps or items, and an emergency stop during a fan-out of 10,000, each beside the same server idle",
  async run() {
    await using folder = await createBenchFolder();
    const child = startProcess(new URL("./responsive-server.ts", import.meta.url), [folder.path]);
    try {
      const server = await hear<EndpointServer>(child);
      const idle = await order(child, "fan_out");
      const idleStops = await measureStops(server, async () => undefined);
      await call(server, "startOrchestrator");
      const idleLooks = await measureLooks(server, idle);
      const measures: Measure[] = [];
      for (const job of ["steps", "each"] as const) {
        const values = await measureLooks(server, await order(child, job));
        measures.push(toMeasure(`GET of a run beside a job that loops over 60,000 ${job}`, values, idleLooks));
      }
      const values = await measureStops(server, async () => {
        await call(server, "startOrchestrator");
        await order(child, "fan_out");
        await sleep(150);
      });
      measures.push(toMeasure("emergency stop during a fan-out of 10,000", values, idleStops));
      return measures;
    } finally {
      await endProcess(child);
    }
  },
};

function toMeasure(name: string, values: readonly number[], idle: readonly number[]): Measure {
  return {
    name: `${name}, longest of ${values.length}`,
    unit: "ms",
    // At so few values the 99th percentile is the longest.
    ours: [Math.max(...values)],
    peer: { name: "the same of the idle server", values: [Math.max(...idle)] },
    target: { kind: "value", atMost: limitMs },
  };
}

async function order(child: ChildProcess, what: ResponsiveOrder): Promise<number> {
  const answer = hear<{ rootRunId: number }>(child);
  child.send(what);
  return (await answer).rootRunId;
}

async function measureLooks(server: EndpointServer, runId: number): Promise<number[]> {
  const took: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    took.push(await timed(() => call(server, "showRun", `r${runId}`)));
    await sleep(lookEveryMs);
  }
  return took;
}

async function measureStops(server: EndpointServer, prepare: () => Promise<void>): Promise<number[]> {
  const took: number[] = [];
  for (let stop = 0; stop < stops; stop += 1) {
    await prepare();
    took.push(await timed(() => call(server, "emergencyStop")));
  }
  return took;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function call({ url, token }: EndpointServer, route: keyof typeof routes, runId = ""): Promise<void> {
  const { method, path } = routes[route];
  const answer = await fetch(url + path.replace(":run_id", runId), {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: JSON.stringify({ reason: "bench" }) } : {}),
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${body.slice(0, 300)}`);
}
