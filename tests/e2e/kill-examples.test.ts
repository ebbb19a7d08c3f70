// The examples with services are killed, at random and right when the service has carried a request out, and run again: tables and what
// the service has done are those of an undisturbed run, and a request that changes something comes again only with its key.
import { expect, test } from "vitest";
import { createRandom } from "../chaos/faults/random.ts";
import { compareTraces } from "../chaos/examples/example-traces.ts";
import { type ExampleTrial, exampleTrials } from "../chaos/examples/example-trials.ts";
import { readSteps } from "../chaos/examples/kill-example.ts";
import type { KillMoment } from "../chaos/examples/kill-plan.ts";
import { runTrial } from "../chaos/examples/run-trial.ts";

/** A sample: `npm run example-kills` kills each of them fifty times. */
interface Sample {
  readonly name: string;
  /** The first ones, when the others are of the same kind. */
  readonly steps?: number;
  /** In place of those of the example. */
  readonly commands?: readonly string[];
  /** Tables that these leave. Default: all. */
  readonly datasets?: readonly string[];
  readonly killed: number;
  readonly moments: readonly KillMoment[];
  /** Undisturbed. */
  readonly tables: readonly RegExp[];
}

// Fixed, so that a failure can be repeated.
const random = createRandom(20260101);

const samples: readonly Sample[] = [
  {
    name: "ads-upload",
    killed: 0,
    // The first request is for the token: the second batch.
    moments: [
      { kind: "request", number: 3, at: "carried out" },
      { kind: "time", share: random.next() },
    ],
    tables: [/^conversions: 1203 rows/, /^conversions_errors: 40 rows/],
  },
  {
    name: "crm-export",
    killed: 0,
    moments: [{ kind: "request", number: 2, at: "carried out" }],
    tables: [/^contacts: 250 rows/, /^the service has export 1$/],
  },
  {
    name: "two-step-files",
    steps: 3,
    killed: 1,
    moments: [{ kind: "request", number: 100, at: "came" }],
    tables: [/^archive_rows: 1500 rows/],
  },
  {
    name: "survey",
    killed: 0,
    moments: [{ kind: "time", share: random.next() }],
    tables: [/^survey_answers: 21 rows/],
  },
  {
    name: "pulse",
    commands: ["run jira_job"],
    datasets: ["jira_projects", "jira_issues", "jira_changes", "jira_sprints", "jira_boards"],
    killed: 0,
    moments: [{ kind: "time", share: random.next() }],
    tables: [/^jira_issues: \d{3} rows/],
  },
];

test.each(samples)(
  "$name, killed and run again, is as if nothing had happened",
  async ({ name, steps: count, commands, datasets, killed, moments, tables }) => {
    const known = findTrial(name);
    const trial = { ...known, datasets: datasets ?? known.datasets };
    const steps = commands ?? (await readSteps(name)).slice(0, count);
    const { profile, traces, findings } = await runTrial(trial, { steps });
    expect(findings).toEqual([]);
    for (const table of tables) expect(traces).toContainEqual(expect.stringMatching(table));
    for (const first of moments) {
      const again = await runTrial(trial, { steps, kill: { plan: { step: killed, first }, profile } });
      const differs = compareTraces(traces, again.traces);
      expect({ first, findings: again.findings, differs }).toEqual({ first, findings: [], differs: [] });
      if (first.kind === "request") expect(again.kills).toHaveLength(1);
      if (first.kind === "request" && first.at === "carried out") expect(again.kills[0]).toMatch(/^carried out/);
    }
  },
  120_000,
);

function findTrial(name: string): ExampleTrial {
  const trial = exampleTrials.find((one) => one.name === name);
  if (trial === undefined) throw new Error(`no trial of ${name}`);
  return trial;
}
