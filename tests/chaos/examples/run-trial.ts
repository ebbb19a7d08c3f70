// One trial: the steps of an example in a fresh copy, with a service that outlives its commands. One step is killed, and commands are
// run again until all steps are through.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assertOk, ended, ExampleProject } from "../../support/cli/example-project.ts";
import { findRequestFaults } from "./find-request-faults.ts";
import type { ExampleTrial } from "./example-trials.ts";
import { findStrays, readTraces, type Traces } from "./example-traces.ts";
import type { KillMoment, KillPlan, StepProfile } from "./kill-plan.ts";
import { watchService, type WatchedRequest, type WatchedService } from "./watched-service.ts";

/** Where a kill found the command. */
export type KillPlace =
  | "before the first request"
  | "a request on its way"
  | "carried out, not answered"
  | "between requests"
  | "after the last request"
  | "a step without requests";

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
  readonly kill?: { readonly plan: KillPlan; readonly profile: readonly StepProfile[] };
}

/** @throws Error when a command that nobody killed fails */
export async function runTrial(trial: ExampleTrial, { steps, kill }: TrialOptions): Promise<TrialResult> {
  await using project = await ExampleProject.create(trial.name);
  await using cleanup = new AsyncDisposableStack();
  const upstream = await trial.startService(project.path);
  cleanup.defer(() => upstream.close());
  const service = await watchService(upstream.url);
  cleanup.defer(() => service.close());
  await writeFile(join(project.path, trial.urlFile), service.url);
  const run: TrialRun = { project, service, profile: [], kills: [], readBefore: new Set(), findings: [], trial };
  for (const [index, command] of steps.entries()) {
    const runs = steps.slice(0, index + 1).filter((earlier) => earlier === command).length;
    const { first, second } = (kill?.plan.step === index ? kill.plan : undefined) ?? {};
    const moments = [first, second].filter((moment) => moment !== undefined);
    await runStep(run, { command, runs, moments, usual: kill?.profile[index] });
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
  readonly usual: StepProfile | undefined;
  readonly moments: readonly KillMoment[];
}

async function runStep(run: TrialRun, { command, runs, usual, moments }: Step): Promise<void> {
  const first = run.service.requests.length;
  let isThrough = false;
  for (const moment of moments) {
    if (isThrough || usual === undefined) break;
    await killCommand(run, command, { usual, moment });
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

interface Kill {
  readonly usual: StepProfile;
  readonly moment: KillMoment;
}

/** Nothing happens when the command ends before its moment. */
async function killCommand(run: TrialRun, command: string, { usual, moment }: Kill): Promise<void> {
  const { project, service } = run;
  const before = service.requests.length;
  const child = project.start(...command.split(" "));
  const end = ended(child);
  const over = new AbortController();
  let place: KillPlace | undefined;
  const kill = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    place ??= placeOf(service.requests.slice(before), usual);
    child.kill("SIGKILL");
  };
  void waitForMoment(service, { usual, moment }, kill, over.signal);
  await end;
  over.abort();
  service.onMoment = () => false;
  if (child.signalCode === "SIGKILL" && place !== undefined) run.kills.push(place);
}

async function waitForMoment(
  service: WatchedService,
  { usual, moment }: Kill,
  kill: () => void,
  signal: AbortSignal,
): Promise<void> {
  const pause = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal }).then(kill, () => undefined);
  const { durationMs, firstRequestMs } = usual;
  if (moment.kind === "start") return void (await pause(moment.share * (firstRequestMs ?? durationMs)));
  if (moment.kind === "time" && firstRequestMs === undefined) return void (await pause(moment.share * durationMs));
  const counts = { came: 0, "carried out": 0, answered: 0, lost: 0 };
  service.onMoment = (reached) => {
    counts[reached] += 1;
    if (moment.kind === "time") {
      if (reached === "came" && counts.came === 1) void pause(moment.share * (durationMs - (firstRequestMs ?? 0)));
      return false;
    }
    if (reached !== moment.at || counts[reached] !== moment.number) return false;
    kill();
    return true;
  };
}

function placeOf(requests: readonly WatchedRequest[], usual: StepProfile): KillPlace {
  if (usual.requests === 0) return "a step without requests";
  if (requests.length === 0) return "before the first request";
  if (requests.some(({ moment }) => moment === "carried out")) return "carried out, not answered";
  if (requests.some(({ moment }) => moment === "came")) return "a request on its way";
  return requests.length < usual.requests ? "between requests" : "after the last request";
}

async function countFinished({ project }: TrialRun, command: string): Promise<number> {
  const listed = await project.run("runs", "--json");
  assertOk(listed);
  const { items } = JSON.parse(listed.stdout) as { items: readonly Readonly<Record<"job_name" | "state", string>>[] };
  return items.filter(({ job_name: name, state }) => command.endsWith(` ${name}`) && state === "FINISHED").length;
}
