// Measures how long a person waits for the smallest commands, each as a new process of the built package.
import { join } from "node:path";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { buildPackage, cliEntry, makeProject } from "../harness/built-package.ts";
import { runNode } from "../harness/node-process.ts";
import { takeTurns } from "../harness/take-turns.ts";

const noopJob = `import { defineJob } from "millrace";
export default defineJob({ name: "noop", execute: () => null });
`;

export const bench: Bench = {
  name: "cold-start",
  description: "`millrace --help` and `millrace run` of a job that does nothing, as new processes, beside `node -e 0`",
  async run() {
    await buildPackage();
    await using folder = await createBenchFolder();
    const cwd = join(folder.path, "project");
    await makeProject(cwd, { "millrace.config.ts": "export default {};\n", "jobs/noop.ts": noopJob });
    const start = (...args: string[]) => Promise.resolve(runNode(args, { cwd }).wallMs);
    const values = await takeTurns(
      {
        node: () => start("-e", "0"),
        help: () => start(cliEntry, "--help"),
        run: () => start(cliEntry, "run", "noop"),
      },
      { warmUps: 3, repetitions: 21 },
    );
    const peer = { name: "`node -e 0`", values: values.node };
    return [
      { name: "`millrace --help`", unit: "ms", ours: values.help, peer, target: { kind: "value", atMost: 120 } },
      {
        name: "`millrace run` of a no-op job",
        unit: "ms",
        ours: values.run,
        peer,
        target: { kind: "value", atMost: 400 },
      },
    ];
  },
};
