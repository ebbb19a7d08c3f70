// Asks the test runner of a copy, which is started by the first command of tests and ends with the copy.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { TestAnswer, TestRequest } from "./serve-tests.ts";

/** Longer than any suite takes on a slow machine. A planted fault may make one wait for good, and so may a cancelled run of Vitest. */
const longestRunMs = 240_000;
/** A runner that ends stops the servers of its tests. */
const longestEndMs = 60_000;

/** One command after the other. */
export class CopyTests implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #changed = new Set<string>();
  #runner: ChildProcess | undefined;

  /** @param folder of the copy @param env of the runner */
  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  /** The file is no longer as the runner read it. @param path absolute */
  noteChange(path: string): void {
    this.#changed.add(path);
  }

  /**
   * `undefined` when the command is none of `vitest run`, or has other options than one project, a title and `--bail=1`. A runner that
   * gives no answer in time is killed, which is a failure; the next command starts another. @throws Error when the runner ends
   */
  async run(command: readonly string[]): Promise<TestAnswer | undefined> {
    const asked = parseCommand(command);
    if (asked === undefined) return undefined;
    const runner = (this.#runner ??= this.#start());
    const changed = [...this.#changed];
    this.#changed.clear();
    const ending = new AbortController();
    const { signal } = ending;
    try {
      runner.send({ ...asked, changed } satisfies TestRequest);
      const answered = once(runner, "message", { signal }).then(([answer]) => answer as TestAnswer);
      const ended = once(runner, "exit", { signal }).then(() => {
        throw new Error(`the test runner of ${this.#folder} ended in \`${command.join(" ")}\``);
      });
      const late = setTimeout(longestRunMs, undefined, { signal });
      const answer = await Promise.race([answered, ended, late]);
      if (answer !== undefined) return answer;
      this.#kill(runner);
      return { code: 1, output: `did not end within ${longestRunMs / 1000} s` };
    } finally {
      ending.abort();
    }
  }

  /** Together with the processes of its tests, of which one may be what it waits for. */
  #kill(runner: ChildProcess): void {
    this.#runner = undefined;
    if (runner.pid !== undefined) process.kill(-runner.pid, "SIGKILL");
  }

  #start(): ChildProcess {
    const program = join(this.#folder, "scripts/copies/serve-tests.ts");
    return fork(program, {
      cwd: this.#folder,
      env: this.#env,
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      detached: true,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#runner === undefined || this.#runner.exitCode !== null || this.#runner.signalCode !== null) return;
    const ended = once(this.#runner, "exit");
    this.#runner.disconnect();
    await Promise.race([ended, setTimeout(longestEndMs, undefined, { ref: false })]);
    if (this.#runner.exitCode === null && this.#runner.signalCode === null) this.#kill(this.#runner);
  }
}

function parseCommand(command: readonly string[]): Omit<TestRequest, "changed"> | undefined {
  const [program, verb, ...words] = command;
  if (program !== "vitest" || verb !== "run") return undefined;
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        project: { type: "string", multiple: true },
        bail: { type: "string" },
        testNamePattern: { type: "string", short: "t" },
      },
    });
    const { project: [project, ...more] = [], bail, testNamePattern: title } = values;
    if (project === undefined || more.length > 0) return undefined;
    return { project, files: positionals, title, bail: bail === "1" };
  } catch {
    // Other options are for a runner of its own.
    return undefined;
  }
}
