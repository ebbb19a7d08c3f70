// Two workers that share a project; each is followed by another one when it is killed.
import { type CliProcess, type CliResult, startCli } from "../../support/cli/cli-process.ts";
import type { Random } from "../faults/random.ts";

/** At most so long after it began to work is a worker killed. */
const killedWithinMs = 1_500;

export class KilledWorkers implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #workers: CliProcess[];

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
    this.#workers = [this.#start(), this.#start()];
  }

  /**
   * Kills one at random; most die at work, some while they start.
   * @returns its process id, or `undefined` when it had found nothing to do and ended by itself
   * @throws Error when it had failed
   */
  async kill(random: Random): Promise<number | undefined> {
    const index = random.integer(0, this.#workers.length - 1);
    const [atWork, restMs] = [random.next() < 0.9, random.integer(0, killedWithinMs)];
    const victim = this.#workers[index];
    if (victim === undefined) return undefined;
    if (atWork) await victim.printed(/ executes /).catch(() => undefined);
    await Promise.race([new Promise((resolve) => setTimeout(resolve, restMs)), victim.ended]);
    victim.child.kill("SIGKILL");
    const { code, stderr } = await victim.ended;
    this.#workers[index] = this.#start();
    if (code !== null && code !== 0) throw new Error(`a worker had ended with ${code} before it was killed: ${stderr}`);
    return code === null ? victim.child.pid : undefined;
  }

  /** Those that are left, when they have found nothing more to do. @returns `undefined` when that takes too long */
  async finish(withinMs: number): Promise<readonly CliResult[] | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), withinMs);
    const ends = await Promise.race([Promise.all(this.#workers.map(({ ended }) => ended)), late.promise]);
    clearTimeout(timer);
    return ends;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#workers) child.kill("SIGKILL");
    await Promise.all(this.#workers.map(({ ended }) => ended));
  }

  #start(): CliProcess {
    return startCli(this.#folder, ["worker", "--until-idle"], this.#env);
  }
}
