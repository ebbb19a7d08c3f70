// A project in a temporary folder and the built command line as its processes, seen from outside only.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const cliPath: string = join(import.meta.dirname, "../../../dist/cli/main.js");

export interface CliResult {
  /** `null` when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command line that goes on while the test looks at it. */
export class CliProcess {
  readonly ended: Promise<CliResult>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  #listeners: (() => void)[] = [];

  constructor(program: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#add(() => (this.#stdout += chunk.toString())));
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#add(() => (this.#stderr += chunk.toString())));
    const { promise, resolve } = Promise.withResolvers<CliResult>();
    this.#child.once("close", (code) => {
      resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
      this.#add(() => undefined);
    });
    this.ended = promise;
  }

  /** What it has printed there up to now. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when stderr has the text; rejects when the process ends without it, or says something else for a minute. */
  async waitForNote(text: string): Promise<void> {
    const late = AbortSignal.timeout(60_000);
    late.addEventListener("abort", () => this.#add(() => undefined));
    while (!this.#stderr.includes(text)) {
      if (late.aborted) throw new Error(`the process has not said \`${text}\`: ${this.#stderr}`);
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the process ended without saying \`${text}\`: ${this.#stderr}`);
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #add(change: () => void): void {
    change();
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** Disposing it removes the folder. */
export class CliProject implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param files relative path → text */
  static async create(files: Readonly<Record<string, string>>): Promise<CliProject> {
    const project = new CliProject(await realpath(await mkdtemp(join(tmpdir(), "millrace-cli-"))));
    for (const [path, text] of Object.entries(files)) await project.write(path, text);
    return project;
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.path, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Lets the project import a package of this repository. */
  async link(name: string): Promise<void> {
    const link = join(this.path, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(import.meta.dirname, "../../../node_modules", name), link, "dir");
  }

  /** The text of a file; empty when it is not there. */
  read(path: string): Promise<string> {
    return readFile(join(this.path, path), "utf8").catch(() => "");
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.path, path));
  }

  /** Starts the command line without waiting for its end. */
  start(...args: string[]): CliProcess {
    return this.startWith({}, ...args);
  }

  /** The same with more variables in its environment. */
  startWith(variables: NodeJS.ProcessEnv, ...args: string[]): CliProcess {
    return new CliProcess(process.execPath, [cliPath, ...args], { cwd: this.path, env: this.environment(variables) });
  }

  /** Runs the command line to its end. */
  run(...args: string[]): Promise<CliResult> {
    return this.start(...args).ended;
  }

  /** A line for the shell, in which `millrace` is the command line. */
  shell(line: string): Promise<CliResult> {
    const command = `millrace() { '${process.execPath}' '${cliPath}' "$@"; }\n${line}`;
    return new CliProcess("sh", ["-c", command], { cwd: this.path, env: this.environment() }).ended;
  }

  /** The test's own environment without what would change how the command line behaves. */
  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const changing = /^(?:MILLRACE_|SPARK_|DATABRICKS_|GLUE_|AWS_GLUE|EMR_|KUBERNETES_|NO_COLOR$|CI$|NODE_OPTIONS$)/;
    const kept = Object.entries(process.env).filter(([name]) => !changing.test(name));
    return { ...Object.fromEntries(kept), USER: "tester", ...more };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
