// The processes of a chaos run: starts them, starts another one for each that ends, and keeps contents of how they were hurt.
// It signals only processes that it started.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { ProgramOptions } from "./programs/program-options.ts";
import type { Random } from "./faults/random.ts";

export type Role = "worker" | "scheduler" | "submitter";

export interface FleetOptions {
  readonly size: Readonly<Record<Role, number>>;
  readonly program: Omit<ProgramOptions, "isForeign">;
  /** Compiled code is kept here, so that a process is soon ready. */
  readonly cacheFolder: string;
  /** Chance that a worker is started with a clock that is wrong, and by how much. */
  readonly skew: { readonly share: number; readonly byMs: number };
  readonly random: Random;
}

/** A place in the fleet: one process at a time. */
export interface Berth {
  readonly role: Role;
  readonly index: number;
  child: FleetChild | undefined;
  isReady: boolean;
  isStopped: boolean;
}

/** How a process was hurt, and when. */
export interface Hurt {
  readonly pid: number;
  readonly role: Role;
  readonly how: "SIGKILL" | "SIGSTOP" | "SIGTERM" | "own";
  readonly atMs: number;
  /** True when only its lease told the others that it was dead. */
  readonly isForeign: boolean;
}

type FleetChild = ChildProcessByStdio<Writable, Readable, Readable>;

const repositoryRoot = resolve(import.meta.dirname, "..", "..");
const restartMs = 30;

export class Fleet implements AsyncDisposable {
  readonly berths: readonly Berth[];
  readonly hurts: Hurt[] = [];
  /** Troubles that processes survived, by code. */
  readonly troubles = new Map<string, number>();
  /** Last words of processes that failed on their own. */
  readonly failures: string[] = [];
  starts = 0;
  skewed = 0;
  isSubmitted = false;
  /** As far as the submitter told. */
  acknowledgedRuns = 0;
  readonly #options: FleetOptions;
  readonly #ending = new Set<Role>();
  readonly #expected = new Set<number>();
  #allowedRuns = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    const roles: readonly Role[] = ["worker", "scheduler", "submitter"];
    this.berths = roles.flatMap((role) =>
      Array.from({ length: options.size[role] }, (_, index) => ({
        role,
        index,
        child: undefined,
        isReady: false,
        isStopped: false,
      })),
    );
  }

  start(): void {
    for (const berth of this.berths) this.#launch(berth);
  }

  /** How many runs may have been submitted by now. */
  allowRuns(runs: number): void {
    this.#allowedRuns = runs;
    for (const { role, child } of this.berths) if (role === "submitter") child?.stdin.write(`${runs}\n`);
  }

  /** Ready processes of a role that nobody stopped. */
  ready(role: Role): Berth[] {
    return this.berths.filter((berth) => berth.role === role && berth.isReady && !berth.isStopped);
  }

  signal(berth: Berth, how: "SIGKILL" | "SIGSTOP" | "SIGTERM"): boolean {
    const { child } = berth;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
    if (how !== "SIGSTOP") this.#expected.add(child.pid);
    berth.isStopped = how === "SIGSTOP";
    this.#hurt(berth, child.pid, how);
    return child.kill(how);
  }

  resume(berth: Berth): void {
    berth.child?.kill("SIGCONT");
    berth.isStopped = false;
  }

  /** Asks all of a role to leave and waits until they did; nobody replaces them. */
  async dismiss(role: Role): Promise<void> {
    this.#ending.add(role);
    const leaving = this.berths.filter((berth) => berth.role === role);
    await Promise.all(
      leaving.map(async (berth) => {
        const { child } = berth;
        if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
        this.resume(berth);
        const timer = setTimeout(() => {
          this.failures.push(`${role} ${child.pid} did not leave within 20 s of SIGTERM`);
          child.kill("SIGKILL");
        }, 20_000);
        child.kill("SIGTERM");
        await once(child, "exit");
        clearTimeout(timer);
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const role of ["worker", "scheduler", "submitter"] as const) this.#ending.add(role);
    for (const { child } of this.berths) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }

  #launch(berth: Berth): void {
    if (this.#ending.has(berth.role)) return;
    // The last worker of each pair can be told to be dead by its lease alone.
    const isForeign = berth.role === "worker" && berth.index % 2 === 1;
    const child = this.#spawn(berth.role, isForeign);
    this.starts += 1;
    Object.assign(berth, { child, isReady: false, isStopped: false });
    child.stdin.on("error", () => undefined);
    if (berth.role === "submitter") child.stdin.write(`${this.#allowedRuns}\n`);
    child.stdout.on("data", (data: Buffer) => {
      const lines = data.toString().split("\n");
      if (lines.includes("ready")) berth.isReady = true;
      if (lines.includes("done")) this.isSubmitted = true;
      for (const line of lines) {
        if (line.startsWith("acknowledged "))
          this.acknowledgedRuns = Math.max(this.acknowledgedRuns, Number(line.slice("acknowledged ".length)));
      }
    });
    const lastWords = this.#listen(child);
    child.once("exit", (code, signal) => {
      berth.isReady = false;
      const { pid } = child;
      if (pid !== undefined && !this.#expected.has(pid) && !this.#ending.has(berth.role)) {
        if (signal === "SIGKILL") this.#hurt(berth, pid, "own");
        else this.failures.push(`${berth.role} ended with ${signal ?? code}: ${lastWords()}`);
      }
      setTimeout(() => this.#launch(berth), restartMs);
    });
  }

  #spawn(role: Role, isForeign: boolean): FleetChild {
    const { program, cacheFolder, skew, random } = this.#options;
    const isSkewed = role === "worker" && random.next() < skew.share;
    if (isSkewed) this.skewed += 1;
    const args = [
      "--conditions=millrace-source",
      "--disable-warning=ExperimentalWarning",
      ...(isSkewed ? ["--import", join(import.meta.dirname, "programs/skewed-clock.ts")] : []),
      join(import.meta.dirname, `programs/${role}-program.ts`),
      JSON.stringify({ ...program, isForeign } satisfies ProgramOptions),
    ];
    return spawn(process.execPath, args, {
      cwd: repositoryRoot,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NODE_COMPILE_CACHE: cacheFolder, CHAOS_CLOCK_SKEW_MS: String(skew.byMs) },
    });
  }

  // Counts what the process survives and keeps the rest, which is why it ended.
  #listen(child: FleetChild): () => string {
    let last = "";
    child.stderr.on("data", (data: Buffer) => {
      for (const line of data.toString().split("\n")) {
        const [word, code = "", ...message] = line.split(" ");
        if (word === "trouble") {
          this.troubles.set(code, (this.troubles.get(code) ?? 0) + 1);
          last = `${code} ${message.join(" ")}`;
        } else if (line.trim() !== "") last = `${last}\n${line}`.slice(-2_000);
      }
    });
    return () => last;
  }

  #hurt({ role, index }: Berth, pid: number, how: Hurt["how"]): void {
    this.hurts.push({ pid, role, how, atMs: Date.now(), isForeign: role === "worker" && index % 2 === 1 });
  }
}
