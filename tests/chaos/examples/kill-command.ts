// Starts a command of an example and kills it at a moment: by the clock, or right at one of its requests.
import { setTimeout as sleep } from "node:timers/promises";
import { ended, type ExampleProject } from "../../support/cli/example-project.ts";
import type { KillMoment, StepProfile } from "./kill-plan.ts";
import type { WatchedRequest, WatchedService } from "./watched-service.ts";

/** Where a kill found the command. */
export type KillPlace =
  | "before the first request"
  | "a request on its way"
  | "carried out, not answered"
  | "between requests"
  | "after the last request"
  | `in ${string}`;

export interface KilledProject {
  readonly project: ExampleProject;
  readonly service: WatchedService;
}

export interface Kill {
  /** How the command goes when nobody disturbs it. */
  readonly usual: StepProfile;
  readonly moment: KillMoment;
}

/** @returns where the kill found it; `undefined` when the command had ended before */
export async function killCommand(
  { project, service }: KilledProject,
  command: string,
  { usual, moment }: Kill,
): Promise<KillPlace | undefined> {
  const before = service.requests.length;
  const child = project.start(...command.split(" "));
  const end = ended(child);
  const over = new AbortController();
  let place: KillPlace | undefined;
  const kill = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    place ??= usual.requests === 0 ? `in \`${command}\`` : placeOf(service.requests.slice(before), usual);
    child.kill("SIGKILL");
  };
  void waitForMoment(service, { usual, moment }, kill, over.signal);
  await end;
  over.abort();
  service.onMoment = () => false;
  return child.signalCode === "SIGKILL" ? place : undefined;
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
  if (requests.length === 0) return "before the first request";
  if (requests.some(({ moment }) => moment === "carried out")) return "carried out, not answered";
  if (requests.some(({ moment }) => moment === "came")) return "a request on its way";
  return requests.length < usual.requests ? "between requests" : "after the last request";
}
