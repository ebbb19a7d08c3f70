// `millrace exec`: the generic entry for any scheduler. Exactly one line of JSON on stdout says how it ended,
// also when nothing could be started; everything else goes to stderr.
import type { JsonValue } from "../../../api/page.ts";
import type { RunError } from "../../../api/run.ts";
import type { App } from "../../../app/app.ts";
import type { ServiceProvider } from "../../../config.ts";
import { MillraceError, toErrorRecord } from "../../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import { isTerminal, type RunState } from "../../../core/job/run-state.ts";
import { assertReferences } from "../../../project/assert-references.ts";
import { resolveModule } from "../../../project/resolve-module.ts";
import { toRun, toRunError } from "../../../server/views/runs/to-run.ts";
import type { Json, RunSummary } from "../../../store/rows/run-records.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { fitParams, paramSchemasOf } from "../../parse/fit-params.ts";
import { listenForInterruption } from "../../interruption.ts";
import { type ExecArguments, parseExecArguments } from "../../parse/parse-exec-arguments.ts";
import { readExecConfig } from "../../parse/read-exec-config.ts";
import { reportError } from "../../report-error.ts";
import { createRunProgress } from "../../print/run-progress.ts";

/** The line on stdout, see json-document.ts. */
export interface ExecResult {
  /** `null` when nothing was started. */
  readonly run_id: string | null;
  readonly job_name: string | null;
  readonly state: RunState;
  readonly reason: string | null;
  readonly attempt: number;
  readonly duration_ms: number | null;
  readonly result: JsonValue;
  readonly error: RunError | null;
  readonly service_provider: ServiceProvider;
  readonly has_spark: boolean;
}

export interface ExecOptions {
  /** The job or pipeline by its name, instead of `--module_name`. */
  readonly job?: string;
}

/** @returns 0 finished, 1 failed, 2 usage or configuration, 6 stopped, 70 a bug */
export async function exec(context: CommandContext, { job }: ExecOptions, args: readonly string[]): Promise<ExitCode> {
  try {
    noteLongArguments(context, args);
    const run = await runModule(context, parseExecArguments(args, job));
    printResult(context, toResult(run));
    if (!isTerminal(run.state)) return exitCodes.stopped;
    return run.state === "FINISHED" ? exitCodes.ok : exitCodes.runFailed;
  } catch (thrown) {
    const error =
      thrown instanceof MillraceError ? thrown : new MillraceError("INTERNAL", String(thrown), { cause: thrown });
    printResult(context, { ...nothingStarted, error: toRunError(toErrorRecord(error)) });
    const code = reportError(context.terminal, thrown, { verbose: false });
    // A scheduler knows three ends; "not found" is a matter of configuration there.
    return error.origin === "config" ? exitCodes.usage : code;
  }
}

type RunPart = Omit<ExecResult, "service_provider" | "has_spark">;

const nothingStarted: RunPart = {
  run_id: null,
  job_name: null,
  state: "NOT_STARTED",
  reason: null,
  attempt: 0,
  duration_ms: null,
  result: null,
  error: null,
};

async function runModule(context: CommandContext, { target, config, params }: ExecArguments): Promise<RunSummary> {
  using _ = divertStdout();
  await using app = await context.openApp();
  const name = await findTarget(app, target);
  const { root, settings, paths } = app.project;
  const place = { root, connections: settings.connections, home: paths.home };
  const configured = config === undefined ? {} : await readExecConfig({ ...place, ...config });
  // The command line wins; spreading defines own properties, whatever their names.
  const merged: Readonly<Record<string, Json>> = {
    ...configured,
    ...fitParams(params, paramSchemasOf(app.definitions.find(name))),
  };
  // What could not start is the scheduler's mistake and leaves no run behind.
  app.assertExecutable(name);
  await app.plan(name, { params: merged });
  const createdBy = toCreator(merged["created_by"], context.environment.user);
  const { rootRunId, created } = await app.submit(name, { params: merged, createdBy });
  context.terminal.note(`${created ? "started" : "continuing"} run ${formatRunId(rootRunId)}: ${name}`);
  return await workUntilEnd(context, app, rootRunId);
}

/** Databricks takes 10,000 bytes of params, EMR about as many for a step; some platforms refuse more, and some cut it. */
const mostBytes = 10_000;

function noteLongArguments({ terminal }: CommandContext, args: readonly string[]): void {
  const bytes = args.reduce((sum, arg) => sum + Buffer.byteLength(arg), 0);
  if (bytes <= mostBytes) return;
  terminal.note(
    `warning: the arguments have ${bytes} bytes, and platforms refuse or cut more than ${mostBytes}; put the configuration into a file, and name it with \`--config_uri\` and \`--config_sha256\``,
  );
}

// The run's last look: ended, or as this process left it when it was asked to stop.
async function workUntilEnd({ terminal }: CommandContext, app: App, runId: RunId): Promise<RunSummary> {
  const stopping = "stopping: the jobs wind down; the same command goes on with the run";
  using interruption = listenForInterruption(() => terminal.note(stopping));
  const { signal } = interruption;
  const progress = createRunProgress(terminal);
  const worker = await app.startWorker();
  let last: RunSummary | undefined;
  const onChange = (look: RunSummary): void => {
    last = look;
    const nowMs = Date.now();
    progress.show(toRun(look, { nowMs }), [], nowMs);
  };
  try {
    return await app.waitForRun(runId, { signal, onChange });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress.finish();
    await worker.stop();
  }
  last = (await app.store.findRun(runId)) ?? last;
  if (last !== undefined) return last;
  throw new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(runId)}\``);
}

// Job code may print what it likes; the result stays the only line on stdout.
function divertStdout(): Disposable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return {
    [Symbol.dispose]() {
      process.stdout.write = write;
    },
  };
}

function toCreator(createdBy: Json | undefined, user: string): string {
  if (createdBy === undefined) return user;
  return typeof createdBy === "string" ? createdBy : JSON.stringify(createdBy);
}

// The module may also be one that lists leave out, such as `jobs/_once.ts`.
async function findTarget(app: App, target: ExecArguments["target"]): Promise<string> {
  const { project, definitions } = app;
  if ("job" in target) return definitions.find(target.job).name;
  const { moduleName } = target;
  const { root, settings } = project;
  const file = await resolveModule({ root, entries: settings.jobs, roots: settings.modules.roots, name: moduleName });
  const [name, ...more] = await app.addModule(file);
  await assertReferences(definitions, project);
  if (name !== undefined && more.length === 0) return name;
  throw new MillraceError("JOB_INVALID", `expected \`${moduleName}\` to default-export one job or pipeline`, {
    hint: "a module for `exec` defines one; put the others into files of their own",
  });
}

function toResult(summary: RunSummary): RunPart {
  const { run_id, job_name, state, reason, attempt, duration_ms, error } = toRun(summary, { nowMs: Date.now() });
  return { run_id, job_name, state, reason, attempt, duration_ms, result: summary.result ?? null, error };
}

function printResult({ terminal, environment }: CommandContext, part: RunPart): void {
  const { serviceProvider, hasSpark } = environment;
  const result: ExecResult = { ...part, service_provider: serviceProvider, has_spark: hasSpark };
  terminal.json(result);
}
