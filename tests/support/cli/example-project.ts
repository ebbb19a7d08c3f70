// A private copy of an example, run by the built CLI.
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "../../..");

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of an example without results. */
export class ExampleProject implements AsyncDisposable {
  readonly path: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(path: string, environment: NodeJS.ProcessEnv) {
    this.path = path;
    this.#environment = environment;
  }

  /** Inside the repository, because an example finds its packages through `node_modules`. @param name of its folder */
  static async create(name: string, environment: NodeJS.ProcessEnv = {}): Promise<ExampleProject> {
    const parent = join(root, ".cache", name);
    await mkdir(parent, { recursive: true });
    const path = join(await mkdtemp(join(parent, "run-")), name);
    const results = new Set(["lake", "out", ".millrace"]);
    const source = join(root, "examples", name);
    await cp(source, path, { recursive: true, filter: (file) => !results.has(relative(source, file)) });
    return new ExampleProject(path, environment);
  }

  /** Starts the CLI without waiting for it. */
  start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
      cwd: this.path,
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs the CLI to its end. */
  async run(...args: string[]): Promise<CliResult> {
    const child = this.start(...args);
    const output = { stdout: "", stderr: "" };
    child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    const code = await ended(child);
    return { code, ...output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(dirname(this.path), { recursive: true, force: true });
  }
}

/** Exit code of a child process, null when a signal ended it. */
export function ended(child: ChildProcess): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
  else child.once("close", resolve);
  return promise;
}

/** Throws with the whole output, so that a failure says why. */
export function assertOk(result: CliResult): void {
  if (result.code !== 0) throw new Error(`exit code ${result.code}: ${result.stdout}${result.stderr}`);
}

/** One number in [0, 1) for a seed: mulberry32. */
export function randomOf(value: number): number {
  let t = (value + 0x6d2b79f5) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
