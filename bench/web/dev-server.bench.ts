// Measures how long a person waits for `millrace dev`, and how much memory an idle server holds, each as a new process
// of the built package.
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage, cliEntry, makeProject } from "../harness/built-package.ts";
import { takeTurns } from "../harness/take-turns.ts";

const noopJob = `import { defineJob } from "millrace";
export default defineJob({ name: "noop", execute: () => null });
`;

/** What any server of this kind costs. */
const bareServer = `
  const { default: fastify } = await import("fastify");
  const app = fastify();
  app.get("/readyz", () => ({}));
  console.error(await app.listen({ host: "127.0.0.1", port: 0 }));
`;

/** Until it has nothing left to do of its start. */
const settleMs = 3_000;

export const bench: Bench = {
  name: "dev-server",
  description:
    "`millrace dev` until it answers, and the memory of an idle server, beside a Fastify server with one route",
  hasServer: true,
  async run() {
    await buildPackage();
    await using folder = await createBenchFolder();
    const cwd = join(folder.path, "project");
    await makeProject(cwd, { "millrace.config.ts": "export default {};\n", "jobs/noop.ts": noopJob });
    const measure = async (args: readonly string[], look: Look): Promise<number> => {
      const startedAtMs = performance.now();
      const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
      try {
        await waitUntilReady(child);
        return await look(child, startedAtMs);
      } finally {
        child.kill("SIGTERM");
        await new Promise((resolve) => child.once("close", resolve));
      }
    };
    const bare = ["--input-type=module", "--eval", bareServer];
    const dev = [cliEntry, "dev", "--port", "0"];
    const ready = await takeTurns(
      { dev: () => measure(dev, readyMs), bare: () => measure(bare, readyMs) },
      { warmUps: 1, repetitions: 9 },
    );
    const idle = await takeTurns(
      { server: () => measure([cliEntry, "server", "--port", "0"], residentMb), bare: () => measure(bare, residentMb) },
      { warmUps: 0, repetitions: 3 },
    );
    const name = "a Fastify server with one route";
    return [
      {
        name: "`millrace dev` ready",
        unit: "ms",
        ours: ready.dev,
        peer: { name, values: ready.bare },
        target: { kind: "value", atMost: 1_000 },
      },
      {
        name: "memory of an idle `millrace server`",
        unit: "MB",
        ours: idle.server,
        peer: { name, values: idle.bare },
        target: { kind: "value", atMost: 150 },
      },
    ];
  },
};

type Look = (child: ChildProcess, startedAtMs: number) => Promise<number> | number;

// Ready is when a request is answered, not when a line says so.
async function waitUntilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (url !== undefined) resolve(url);
  });
  child.once("close", () => reject(new Error(`the server ended: ${said}`)));
  const response = await fetch(`${await promise}/readyz`);
  if (!response.ok) throw new Error(`/readyz answered ${response.status}`);
}

function readyMs(_child: ChildProcess, startedAtMs: number): number {
  return performance.now() - startedAtMs;
}

async function residentMb(child: ChildProcess): Promise<number> {
  await sleep(settleMs);
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${child.pid}/status`, "utf8")) ?? [];
  return Number(kb) / 1024;
}
