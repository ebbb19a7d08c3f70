// `millrace dev`: the project as one process that serves, schedules and executes, and takes changed job files as they come.
import type { App } from "../../../app/app.ts";
import type { RunningScheduler } from "../../../app/start-scheduler.ts";
import type { RunningWorker } from "../../../app/start-worker.ts";
import { builtInJobNames } from "../../../core/job/built-in-job-names.ts";
import { watchProject } from "../../../project/watch-project.ts";
import { serve } from "../../../app/serve.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { listenForInterruption } from "../../interruption.ts";
import { parsePort } from "../../parse/parse-port.ts";
import { parseSlots } from "../../parse/parse-slots.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { reportError } from "../../report-error.ts";
import { untilAborted } from "../../until-aborted.ts";

export interface DevOptions {
  readonly port?: string;
  readonly slots?: string;
}

const defaultPort = 4680;

/** Listens on loopback only and prints one address that logs a browser in once. Returns after SIGINT or SIGTERM. */
export async function dev(context: CommandContext, options: DevOptions): Promise<ExitCode> {
  const { terminal } = context;
  const slots = parseSlots(options.slots);
  await using app = await context.openApp();
  using interruption = listenForInterruption(() => terminal.note("stopping; again to leave at once"));
  await using serving = await serve(app, {
    environment: context.environment,
    host: "127.0.0.1",
    // Several projects may be worked on at once.
    port: options.port === undefined ? { preferred: defaultPort } : parsePort(options.port),
    auth: "one-time",
    logLevel: "warn",
  });
  terminal.note(`millrace dev serves ${app.project.root}`);
  terminal.note(`  ${terminal.style("bold", serving.loginUrl ?? serving.url)}`);
  terminal.note("  the address logs one browser in, once; start `millrace dev` again for another");
  await using orchestrator = await DevOrchestrator.start(app, terminal, slots);
  const { paths, root } = app.project;
  using _watching = await watchProject({
    root,
    ignore: [paths.lake, paths.staging],
    onChange: (files) => void orchestrator.reload(files),
  });
  await untilAborted(interruption.signal);
  return exitCodes.ok;
}

// The worker and the scheduler of this process. One reload at a time; changes that come meanwhile make another.
class DevOrchestrator implements AsyncDisposable {
  readonly #app: App;
  readonly #terminal: Terminal;
  readonly #slots: number | undefined;
  #worker: RunningWorker;
  #scheduler: RunningScheduler;
  #reloading: Promise<void> = Promise.resolve();

  private constructor(parts: {
    readonly app: App;
    readonly terminal: Terminal;
    readonly slots: number | undefined;
    readonly worker: RunningWorker;
    readonly scheduler: RunningScheduler;
  }) {
    this.#app = parts.app;
    this.#terminal = parts.terminal;
    this.#slots = parts.slots;
    this.#worker = parts.worker;
    this.#scheduler = parts.scheduler;
  }

  static async start(app: App, terminal: Terminal, slots: number | undefined): Promise<DevOrchestrator> {
    const worker = await app.startWorker(slots === undefined ? {} : { slots });
    const scheduler = await app.startScheduler();
    terminal.note(`  ${describe(app)}; changes of their files are taken at once`);
    return new DevOrchestrator({ app, terminal, slots, worker, scheduler });
  }

  reload(files: readonly string[]): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload(files));
    return this.#reloading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reloading;
    await this.#scheduler.stop();
    await this.#worker.stop();
  }

  // Attempts that execute go on with the code they began with. What is broken is said, and the jobs stay as they were.
  async #reload(files: readonly string[]): Promise<void> {
    try {
      await this.#app.reload();
      await this.#scheduler.stop();
      this.#scheduler = await this.#app.startScheduler();
      if (!isSame(this.#worker.jobs, this.#app.definitions.jobs)) await this.#replaceWorker();
      for (const warning of this.#app.definitions.warnings) this.#terminal.note(printable(`warning: ${warning}`));
      this.#terminal.note(printable(`reloaded ${files.join(", ")}: ${describe(this.#app)}`));
    } catch (error) {
      reportError(this.#terminal, error, { verbose: false });
      this.#terminal.note("  the jobs stay as they were until the file is corrected");
    }
  }

  // A worker tells the store which jobs it has when it registers.
  async #replaceWorker(): Promise<void> {
    const before = this.#worker;
    this.#worker = await this.#app.startWorker(this.#slots === undefined ? {} : { slots: this.#slots });
    await before.stop();
  }
}

function isSame(names: ReadonlySet<string>, jobs: ReadonlyMap<string, unknown>): boolean {
  return names.size === jobs.size && [...names].every((name) => jobs.has(name));
}

// The jobs that every project has are nothing that its files say.
function describe({ definitions }: App): string {
  const ownJobs = [...definitions.jobs.keys()].filter((name) => !builtInJobNames.includes(name));
  return `${formatCountOf(ownJobs.length, "job")}, ${formatCountOf(definitions.pipelines.size, "pipeline")}`;
}
