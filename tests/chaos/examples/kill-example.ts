// Kills one example again and again, until enough kills have hit.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "../faults/random.ts";
import { compareTraces } from "./example-traces.ts";
import type { ExampleTrial } from "./example-trials.ts";
import type { KillPlace } from "./kill-command.ts";
import { type KillPlan, planKills } from "./kill-plan.ts";
import { runTrial } from "./run-trial.ts";

export interface ExampleKills {
  readonly name: string;
  /** How the example differs from what people run. */
  readonly note: string | undefined;
  readonly tables: number;
  /** Of the ledger, in an undisturbed run. */
  readonly ledgerRequests: number;
  readonly trials: readonly ExampleKill[];
}

export interface ExampleKill {
  readonly plan: KillPlan;
  readonly kills: readonly KillPlace[];
  /** Requests of the ledger that came again, each with its key. */
  readonly sentAgain: number;
  readonly findings: readonly string[];
}

export interface ExampleKillsOptions {
  /** How many trials with a kill are wanted. */
  readonly count: number;
  readonly random: Random;
  readonly onTrial?: (trial: ExampleKill, hits: number) => void;
}

const root = join(import.meta.dirname, "../../..");

/** Trials whose kill came too late are in addition. */
export async function killExample(
  trial: ExampleTrial,
  { count, random, onTrial }: ExampleKillsOptions,
): Promise<ExampleKills> {
  const steps = trial.steps ?? (await readSteps(trial.name));
  const undisturbed = await runTrial(trial, { steps });
  if (undisturbed.findings.length > 0) throw new Error(`undisturbed: ${undisturbed.findings.join("; ")}`);
  const { profile, traces } = undisturbed;
  const countSent = ({ requests }: Pick<typeof undisturbed, "requests">): number =>
    requests.filter(({ route }) => trial.ledger?.test(route)).length;
  const ledgerRequests = new Set(undisturbed.requests.filter(({ key }) => key !== undefined).map(({ key }) => key))
    .size;
  const usuallySent = countSent(undisturbed);
  const trials: ExampleKill[] = [];
  for (let hits = 0; hits < count && trials.length < count * 2;) {
    const plan = planKills(profile, random);
    const killed = await runTrial(trial, { steps, kill: { plan, profile } }).then(
      (result) => ({
        plan,
        kills: result.kills,
        sentAgain: Math.max(0, countSent(result) - usuallySent),
        findings: [...result.findings, ...compareTraces(traces, result.traces)],
      }),
      (error: unknown) => ({ plan, kills: [], sentAgain: 0, findings: [String(error)] }),
    );
    trials.push(killed);
    if (killed.kills.length > 0) hits += 1;
    onTrial?.(killed, hits);
  }
  return { name: trial.name, note: trial.note, tables: trial.datasets.length, ledgerRequests, trials };
}

/** The commands of an example. */
export async function readSteps(name: string): Promise<string[]> {
  const text = await readFile(join(root, "examples", name, "steps.txt"), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
