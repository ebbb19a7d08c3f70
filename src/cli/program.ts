// The verbs of the command line with their options. Each action loads its own file only when it is asked for.
import { assertKnownVerb, leaveToExec } from "./parse/find-verb.ts";
import { resolve } from "node:path";
import { Argument, Command, CommanderError, Option } from "commander";
import { addAccessCommands } from "./access-commands.ts";
import { type CommandContext, createCommandContext } from "./command-context.ts";
import type { Action, LoadAction } from "./load-action.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { readPackageVersion } from "../package-version.ts";
import { templateNames } from "./templates/project-template.ts";
import { printable } from "./print/terminal.ts";
import { addFigureCommands } from "./figure-commands.ts";
import { addStreamCommands } from "./stream-commands.ts";
import { reportError } from "./report-error.ts";
import type { Shell } from "./shell-completion.ts";
import { noteWorksHere } from "./works-here.ts";

/** Runs one command line and returns its exit code. Never rejects. */
export async function runProgram(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  let context = createCommandContext(process.cwd());
  const program = createProgram(
    () => context,
    (code) => (exitCode = code),
  );
  program.hook("preAction", () => {
    const { project, ...given } = program.opts<{ project?: string; server?: string; env?: string }>();
    context = createCommandContext(resolve(project ?? "."), given);
  });
  try {
    assertKnownVerb(program, args);
    await program.parseAsync(leaveToExec(args), { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return reportError(context.terminal, error, { verbose: args.includes("--verbose") });
  }
}

/** The whole command line; separate from running it, so that a test can read its help. */
export function createProgram(context: () => CommandContext, onExit: (code: ExitCode) => void): Command {
  // A command's module exports one function of the verb's name: (context, options, ...arguments) → exit code.
  const load: LoadAction =
    (importModule, verb) =>
    async (...parsed) => {
      const command = parsed.at(-1) as Command;
      const run: Action = (await importModule())[verb];
      // Commander's options are untyped; each command states what its declaration below gives it.
      onExit(await run(...([context(), command.opts(), ...command.processedArgs] as never[])));
    };
  const program = new Command("millrace")
    .description("data jobs: ingest, transform, publish, with one job model")
    .option("--project <folder>", "use the project in this folder instead of the current one")
    .option("--env <name>", "the environment of the project, `millrace.config.<name>.ts`, instead of MILLRACE_ENV")
    .option("--server <url>", "talk to this server instead of the store; its token is in MILLRACE_TOKEN")
    .option("--verbose", "print the causes of an error, too")
    .version(readPackageVersion(), "-V, --version")
    .showHelpAfterError("run `millrace --help` for the commands")
    .exitOverride()
    .helpCommand(false)
    .hook("preAction", (_program, command) => noteServer(context(), command));
  addRunningCommands(program, load);
  addServiceCommands(program, load);
  addControlCommands(program, load);
  addScheduleCommands(program, load);
  addListCommands(program, load);
  addReadingCommands(program, load);
  addStateCommands(program, load);
  addStreamCommands(program, load);
  addFigureCommands(program, load);
  addAccessCommands(program, load);
  addCheckingCommands(program, load);
  addCompletion(program, context, onExit);
  for (const command of program.commands)
    command.showHelpAfterError(`run \`millrace ${command.name()} --help\` for what it takes`);
  return program;
}

function noteServer({ terminal, environment }: CommandContext, command: Command): void {
  const { server: option } = command.optsWithGlobals<{ server?: string }>();
  const note = noteWorksHere(command.name(), { option, variable: environment.server });
  if (note !== undefined) terminal.note(printable(note));
}

function addRunningCommands(program: Command, load: LoadAction): void {
  program
    .command("init")
    .description("make a new project that runs")
    .argument("[folder]", "where", ".")
    .addOption(new Option("--template <name>", "what it begins with").choices(templateNames).default("sales"))
    .action(load(() => import("./commands/project/init.ts"), "init"));
  withArguments(program.command("run"))
    .description("run a job or a pipeline in this process and follow it to its end")
    .argument("<name>")
    .option("--slots <number>", "jobs executed at once")
    .option("--limit <rows>", "a sample: so many rows of each source, into `<dataset>__sample`; watermarks stay")
    .option("--record <folder>", "write each HTTP exchange into an empty folder, with secrets masked")
    .option("--playback <folder>", "answer HTTP requests from a recorded folder; nothing is sent")
    .option("--full-refresh", "as if for the first time: watermarks are ignored, rows and columns are replaced")
    .option("--dry-run", "show what would run, and run nothing")
    .option("--fail-on <level>", "`warn`: exit 3 when the run finished with warnings")
    .option("--wait-timeout <duration>", "give up waiting after this time (exit 75); the run goes on later")
    .option("--json", "print the result as JSON")
    .action(load(() => import("./commands/runs/run.ts"), "run"));
  withArguments(program.command("plan"))
    .description(
      "tell what a run would do now: units, requests, files, statements, targets; nothing is sent or written",
    )
    .argument("<name>", "a job or pipeline")
    .option("--full-refresh", "the plan of a run with that option")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/plan.ts"), "plan"));
  program
    .command("build")
    .description("make one file of the project's jobs that runs wherever Node does, without an installation")
    .option("--out <file>", "where it is written", "dist/jobs.mjs")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/project/build.ts"), "build"));
  program
    .command("exec")
    .description("run one module's job for an outside scheduler and print its result as one line of JSON")
    .usage("--module_name <module> [--config_uri <uri> [--config_sha256 <hex>]] [--env <name>] [--name value]...")
    .argument("[params...]", "each --name value or --name=value is a param; a value that is JSON is read as such")
    .helpOption("--help", "display help, when it is the first argument")
    .action(load(() => import("./commands/project/exec.ts"), "exec"));
}

function addServiceCommands(program: Command, load: LoadAction): void {
  program
    .command("dev")
    .description("serve the UI and execute runs of this project, reloading jobs when their files change")
    .option("--port <number>", "default: 4680, or any that is free")
    .option("--slots <number>", "runs executed at once")
    .action(load(() => import("./commands/project/dev.ts"), "dev"));
  program
    .command("worker")
    .description("execute runs until told to stop; any number of workers share a store")
    .option("--slots <number>", "runs executed at once")
    .option("--until-idle", "schedule, too, and end when no run is left and all topics are worked through")
    .action(load(() => import("./commands/project/worker.ts"), "worker"));
  program
    .command("server")
    .description("serve the API and the UI, and start what schedules say, until told to stop; several share the work")
    .option("--host <address>", "where it listens", "127.0.0.1")
    .option("--port <number>", "where it listens; 0 takes any that is free", "4680")
    .option("--allow-host <name...>", "names under which browsers reach it, besides its address")
    .option(
      "--trust-proxy <address...>",
      "proxies in front whose `X-Forwarded-*` is believed, such as one that ends TLS",
    )
    .option("--auth <mode>", "`token`, or `off` on this machine's own address", "token")
    .option("--log-level <level>", "of its own log on stderr: fatal, error, warn, info, debug", "info")
    .option("--slots <number>", "execute runs, too, so many at once", "0")
    .action(load(() => import("./commands/project/server.ts"), "server"));
  program
    .command("migrate")
    .description("bring the store's tables up to date")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/project/migrate.ts"), "migrate"));
}

function addScheduleCommands(program: Command, load: LoadAction): void {
  program
    .command("schedules")
    .description("list the schedules, show when one fires next, pause, resume or remove it")
    .argument("[action]", "list, next, pause, resume or remove", "list")
    .argument("[name]", "a scheduled job or pipeline")
    .option("--count <number>", "how many instants `next` shows", "10")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/schedules.ts"), "schedules"));
  program
    .command("backfill")
    .description("run the windows of a range that have no finished run, as one run")
    .argument("<name>", "a job or pipeline")
    .requiredOption("--from <date>", "begin of the range")
    .requiredOption("--to <date>", "end of the range, not part of it")
    .option("--step <duration>", "length of a window; default: from fire to fire of the schedule")
    .option("--parallel <number>", "windows under way at once", "1")
    .option("-p, --param <name=value>", "a param; a value that is JSON is read as such", collect, [])
    .option("--params <json>", "all params as one JSON object")
    .option("--dry-run", "show what would run, and run nothing")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/backfill.ts"), "backfill"));
}

const target = "a run like r42 or `last`, or the name of a job or pipeline";

function addControlCommands(program: Command, load: LoadAction): void {
  withArguments(program.command("start"))
    .description("hand a run to the workers and return")
    .argument("<target>", "the name of a job or pipeline; with --force also a run that waits")
    .option("--force", "although an unfinished run exists, or whatever the run waits for")
    .option("--reason <text>", "why, for the history")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/start.ts"), "start"));
  const add = (verb: string, description: string): Command =>
    program
      .command(verb)
      .description(description)
      .argument("<target>", target)
      .option("--reason <text>", "why, for the history")
      .option("--json", "print as JSON");
  add("stop", "end a run, or all unfinished runs of a job")
    .option("--force", "at once, whatever its handler does")
    .action(load(() => import("./commands/runs/stop.ts"), "stop"));
  add("pause", "set a run, or all runs of a job, aside; what executes yields at its next checkpoint").action(
    load(() => import("./commands/runs/pause.ts"), "pause"),
  );
  add("cancel", "the same as stop").action(load(() => import("./commands/runs/cancel.ts"), "cancel"));
  add("resume", "put back what was paused").action(load(() => import("./commands/runs/resume.ts"), "resume"));
  add("retry", "give a failed run, or the failed jobs of a pipeline run, another try").action(
    load(() => import("./commands/runs/retry.ts"), "retry"),
  );
  program
    .command("orchestrator")
    .description("whether workers take new runs at all")
    .argument("[action]", "status, start, stop, or emergency-stop, which also ends what executes", "status")
    .option("--reason <text>", "why, for the history")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/orchestrator.ts"), "orchestrator"));
}

function addListCommands(program: Command, load: LoadAction): void {
  program
    .command("jobs")
    .description("list the project's jobs and pipelines")
    .option("--names", "only their names, one a line")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/project/jobs.ts"), "jobs"));
  program
    .command("runs")
    .description("list runs, the newest first")
    .option("--job <name>", "only runs of this job or pipeline")
    .option("--state <state>", "only runs in this state: PENDING, RUNNING, FINISHED, ERROR, PAUSED")
    .option("--all", "the jobs inside pipelines, too")
    .option("--limit <number>", "how many", "20")
    .option("--before <run>", "only runs older than this one")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/runs.ts"), "runs"));
}

function addReadingCommands(program: Command, load: LoadAction): void {
  program
    .command("show")
    .description("show a run: state, jobs, attempts, checks, datasets, error")
    .argument("<run>", "its id, like r42, or `last`")
    .option("--rows", "with up to 20 rows for each blocking check that failed")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/show.ts"), "show"));
  program
    .command("metrics")
    .description("show the business figures of a job with their thresholds, or the values of one of them by run")
    .argument("<job>")
    .argument("[metric]", "the one whose values are shown, newest first")
    .option("--limit <number>", "how many values", "20")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/metrics.ts"), "metrics"));
  program
    .command("why")
    .description("tell what a run waits for, why it ended as it did, or when a job starts")
    .argument("<target>", target)
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/why.ts"), "why"));
  program
    .command("watch")
    .description("follow a run to its end, wherever it executes; Ctrl-C leaves it alone")
    .argument("<target>", "a run like r42 or `last`, or the name of a job or pipeline: its newest run")
    .option("--json", "print the end as JSON")
    .action(load(() => import("./commands/runs/watch.ts"), "watch"));
  program
    .command("diff")
    .description("tell what differs between two runs: params, code, times, rows, schemas, errors")
    .argument("<run>", "the one before")
    .argument("<other>", "the one after")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/diff.ts"), "diff"));
  program
    .command("logs")
    .description("print the log of a run and of the jobs in it")
    .argument("<run>", "its id, like r42, or `last`")
    .option("-f, --follow", "go on until the run has ended")
    .option("--level <level>", "at least this level: debug, info, warn, error", "debug")
    .option("--grep <text>", "only lines that contain this text")
    .option("--json", "one JSON object a line")
    .action(load(() => import("./commands/runs/logs.ts"), "logs"));
  program
    .command("graph")
    .description("draw how the jobs of a pipeline depend on each other")
    .argument("[pipeline]", "default: the project's only one")
    .option("--mermaid", "as a Mermaid diagram")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/runs/graph.ts"), "graph"));
}

function addStateCommands(program: Command, load: LoadAction): void {
  program
    .command("state")
    .description("show what a job remembers; rewind a watermark, or take that back")
    .addArgument(new Argument("<action>", "what to do").choices(["show", "diff", "rewind", "undo"]))
    .argument("<job>")
    .option("--to <value>", "where `rewind` goes back to")
    .option(
      "--watermark <name>",
      "which one, when the job has several; of `show` and `diff` those with this in their name",
    )
    .option("--limit <number>", "how many units and watermarks `show` and `diff` show, what is behind first", "50")
    .option("--tenant <name>", "whose, when several have one")
    .option("--reason <text>", "why, for the history")
    .option("--dry-run", "show what would be read again, and change nothing")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/state.ts"), "state"));
  program
    .command("quarantine")
    .description("list rows that checks set aside, show them, publish them after all, or drop them")
    .addArgument(new Argument("[action]", "what to do").choices(["list", "show", "release", "discard"]).default("list"))
    .argument("[dataset]", "the dataset that the rows are missing from")
    .option("--run <run>", "only rows that this run set aside")
    .option("--check <name>", "only rows that break this check")
    .option("--where <column=value>", "only rows with this text in a column; `column=` for NULL", collect, [])
    .option("--limit <number>", "how many rows `show` shows", "20")
    .option("--yes", "`discard` all rows, where no option chooses some")
    .option("--dry-run", "count the rows, and change nothing")
    .option("--reason <text>", "why, for the history")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/quarantine.ts"), "quarantine"));
  program
    .command("datasets")
    .description(
      "list the datasets, show one or its rows, ask them a query, write one to a file, make one as if no run had published it, encrypt one anew, or look after its files",
    )
    .addArgument(
      new Argument("[action]", "what to do")
        .choices(["list", "show", "head", "query", "export", "reset", "rekey", "vacuum", "optimize"])
        .default("list"),
    )
    .argument("[dataset]", "the one that is meant; for `query` a `select`, in quotes")
    .option("--limit <number>", "how many rows `head` and `query` show, or versions `show`", "20")
    .option("--as-of <version>", "rows of `head` as of an earlier version")
    .addOption(new Option("--format <format>", "of the file of `export`").choices(["csv", "parquet"]).default("csv"))
    .option("--to <file>", "the file of `export`; default: named after the dataset")
    .option("--yes", "reset it; without this `reset` tells what would go")
    .option("--dry-run", "tell what would be done, and change nothing")
    .option(
      "--retain <duration>",
      "how long `vacuum` keeps versions readable, such as `7d`; default: what the table says",
    )
    .option("--force", "`vacuum` below the retention of the table")
    .option("--sort <columns>", "what `optimize` sorts rows by, separated by commas")
    .option("--target-size <size>", "how large files are to become (default `128MB`)")
    .option("--reason <text>", "why, for the history")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/control/datasets.ts"), "datasets"));
}

function addCompletion(program: Command, context: () => CommandContext, onExit: (code: ExitCode) => void): void {
  program
    .command("completion")
    .description("print the script that completes commands in a shell")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      const { completion } = await import("./commands/project/completion.ts");
      onExit(completion(context(), { program }, shell));
    });
}

function addCheckingCommands(program: Command, load: LoadAction): void {
  program
    .command("doctor")
    .description("look at this machine and project for what would not work")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/project/doctor.ts"), "doctor"));
  program
    .command("verify")
    .description("check the invariants of the store and of what was published")
    .option("--json", "print as JSON")
    .action(load(() => import("./commands/project/verify.ts"), "verify"));
}

/** What a run is given. */
function withArguments(command: Command): Command {
  return command
    .option("-p, --param <name=value>", "a param; a value that is JSON is read as such", collect, [])
    .option("--params <json>", "all params as one JSON object")
    .option("--from <date>", "begin of the window, with --to")
    .option("--to <date>", "end of the window, not part of it");
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
