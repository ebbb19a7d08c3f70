// Asks the test runner of a copy, which is started by the first command of tests and ends with the copy.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TestAnswer, TestRequest } from "./serve-tests.ts";

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

  /** `undefined` when the command is none of `vitest run`, or has other options than one project, a title and `--bail=1`. @throws Error when the runner ends */
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
      const answered = once(runner, "message", { signal });
      const ended = once(runner, "exit", { signal }).then(() => {
        throw new Error(`the test runner of ${this.#folder} ended in \`${command.join(" ")}\``);
      });
      const [answer] = (await Promise.race([answered, ended])) as [TestAnswer];
      return answer;
    } finally {
      ending.abort();
    }
  }

  #start(): ChildProcess {
    const program = join(this.#folder, "scripts/copies/serve-tests.ts");
    return fork(program, {
      cwd: this.#folder,
      env: this.#env,
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#runner === undefined || this.#runner.exitCode !== null) return;
    const ended = once(this.#runner, "exit");
    this.#runner.disconnect();
    await ended;
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
