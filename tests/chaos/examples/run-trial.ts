// One trial: the steps of an example in a fresh copy, with a service that outlives its commands. One step is killed, and commands are
// run again until all steps are through.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assertOk, ExampleProject } from "../../support/cli/example-project.ts";
import { findRequestFaults } from "./find-request-faults.ts";
import type { ExampleTrial } from "./example-trials.ts";
import { findStrays, readTraces, type Traces } from "./example-traces.ts";
import { type Kill, killCommand, type KillPlace } from "./kill-command.ts";
import type { KillPlan, StepProfile } from "./kill-plan.ts";
import { watchService, type WatchedRequest, type WatchedService } from "./watched-service.ts";

export interface TrialResult {
  readonly traces: Traces;
  /** Empty when the command was never killed, or had ended before. */
  readonly kills: readonly KillPlace[];
  readonly profile: readonly StepProfile[];
  readonly requests: readonly WatchedRequest[];
  /** What must not be, besides other traces than those of an undisturbed run. */
  readonly findings: readonly string[];
}

export interface TrialOptions {
  /** Commands of the CLI, one after the other. */
  readonly steps: readonly string[];
  readonly kill?: PlannedKill;
}

interface PlannedKill {
  readonly plan: KillPlan;
  /** The steps of an undisturbed run. */
  readonly profile: readonly StepProfile[];
}

/** @throws Error when a command that nobody killed fails */
export async function runTrial(trial: ExampleTrial, { steps, kill }: TrialOptions): Promise<TrialResult> {
  await using project = await ExampleProject.create(trial.name);
  await using cleanup = new AsyncDisposableStack();
  const upstream = await trial.startService(project.path);
  cleanup.defer(() => upstream.close());
  const service = await watchService(upstream.url);
  cleanup.defer(() => service.close());
  if (trial.urlFile !== undefined) await writeFile(join(project.path, trial.urlFile), service.url);
  const run: TrialRun = { project, service, profile: [], kills: [], readBefore: new Set(), findings: [], trial };
  for (const [index, command] of steps.entries()) {
    const runs = steps.slice(0, index + 1).filter((earlier) => earlier === command).length;
    await runStep(run, { command, runs, kills: listKills(kill, index) });
  }
  const findings = [
    ...run.findings,
    ...findRequestFaults(trial, service.requests, run.kills.length),
    ...(await findStrays(trial, project)),
  ];
  const traces = await readTraces(trial, project, upstream);
  return { traces, kills: run.kills, profile: run.profile, requests: service.requests, findings };
}

interface TrialRun {
  readonly trial: ExampleTrial;
  readonly project: ExampleProject;
  readonly service: WatchedService;
  readonly profile: StepProfile[];
  readonly kills: KillPlace[];
  /** Routes of units that steps which are through have read. */
  readonly readBefore: Set<string>;
  readonly findings: string[];
}

interface Step {
  readonly command: string;
  /** How many runs of its name have finished when it is through. */
  readonly runs: number;
  readonly kills: readonly Kill[];
}

function listKills(kill: PlannedKill | undefined, step: number): readonly Kill[] {
  const usual = kill?.profile[step];
  if (kill === undefined || usual === undefined || kill.plan.step !== step) return [];
  const { first, second } = kill.plan;
  return [first, ...(second === undefined ? [] : [second])].map((moment) => ({ usual, moment }));
}

async function runStep(run: TrialRun, { command, runs, kills }: Step): Promise<void> {
  const first = run.service.requests.length;
  let isThrough = false;
  for (const kill of kills) {
    if (isThrough) break;
    const place = await killCommand(run, command, kill);
    if (place !== undefined) run.kills.push(place);
    isThrough = (await countFinished(run, command)) >= runs;
  }
  if (!isThrough) run.profile.push(await runCommand(run, command));
  noteUnits(run, command, run.service.requests.slice(first));
}

function noteUnits({ trial, readBefore, findings }: TrialRun, command: string, asked: readonly WatchedRequest[]): void {
  const again = new Set(asked.map(({ route }) => route).filter((route) => readBefore.has(route)));
  for (const route of again)
    findings.push(`${route} was asked again by \`${command}\`, and an earlier run had read it`);
  const read = asked.filter(({ route, status = 500 }) => trial.units?.test(route) && status < 500);
  for (const { route } of read) readBefore.add(route);
}

async function runCommand({ project, service }: TrialRun, command: string): Promise<StepProfile> {
  const before = service.requests.length;
  const startedAtMs = performance.now();
  let firstRequestMs: number | undefined;
  service.onMoment = () => {
    firstRequestMs ??= performance.now() - startedAtMs;
    return false;
  };
  assertOk(await project.run(...command.split(" ")));
  const requests = service.requests.length - before;
  return { command, durationMs: performance.now() - startedAtMs, firstRequestMs, requests };
}

async function countFinished({ project }: TrialRun, command: string): Promise<number> {
  const listed = await project.run("runs", "--json");
  assertOk(listed);
  const { items } = JSON.parse(listed.stdout) as { items: readonly Readonly<Record<"job_name" | "state", string>>[] };
  return items.filter(({ job_name: name, state }) => command.endsWith(` ${name}`) && state === "FINISHED").length;
}
