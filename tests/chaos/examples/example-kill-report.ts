// The report of the kills of examples as Markdown: where they fell, how often, and what was found.
import { availableParallelism, release, type } from "node:os";
import type { ExampleKill, ExampleKills } from "./kill-example.ts";

export interface ExampleKillsFacts {
  readonly command: string;
  readonly date: string;
  readonly durationMs: number;
}

/** @param examples one or more */
export function formatExampleKills(
  examples: readonly ExampleKills[],
  { command, date, durationMs }: ExampleKillsFacts,
): string {
  const findings = examples.flatMap(({ name, trials }) =>
    trials.flatMap(({ plan, findings: found }) =>
      found.map((finding) => `- ${name}, \`${JSON.stringify(plan)}\`: ${finding}`),
    ),
  );
  return `# Examples killed at random, ${date}

What \`${command}\` found. In each trial the steps of an example run in a fresh copy, with a service that
outlives them. One of the commands gets SIGKILL: at a random moment of its start or of its work, when a request has come to the
service, or when the service has carried one out and not answered; in a quarter of the trials the command that goes on gets it, too.
Then commands run until all steps are through. The tables and what the service has done must equal those of an undisturbed run, a
request of the ledger comes again only with its key, no run asks again for a unit that a run before it has read, \`millrace verify\` is
clean, no request of the ledger is left open, and no file is left in staging or beside a table.

| what | |
| --- | --- |
| result | ${findings.length === 0 ? "nothing lost, doubled, stuck or left behind" : `**${findings.length} findings**`} |
| time | ${Math.round(durationMs / 1_000)} s |
| machine | ${type()} ${release()}, ${availableParallelism()} processors, Node.js ${process.version.slice(1)}, SQLite ${process.versions.sqlite ?? ""} |

${formatTrials(examples)}

${formatPlaces(examples)}
${findings.length === 0 ? "" : `\n## Findings\n\n${findings.join("\n")}\n`}`;
}

function formatTrials(examples: readonly ExampleKills[]): string {
  const sum = (trials: readonly ExampleKill[], of: (trial: ExampleKill) => number): number =>
    trials.reduce((all, trial) => all + of(trial), 0);
  const lines = examples.map(({ name, tables, ledgerRequests, trials }) => {
    const hits = trials.filter(({ kills }) => kills.length > 0);
    const twice = hits.filter(({ kills }) => kills.length > 1).length;
    const again = sum(trials, ({ sentAgain }) => sentAgain);
    const found = sum(trials, ({ findings }) => findings.length);
    const late = trials.length - hits.length;
    return `| ${[name, hits.length, twice, late, tables, ledgerRequests, again, found].join(" | ")} |`;
  });
  return [
    "| Example | killed | twice | ended before | tables compared | requests of the ledger | came again, with their keys | findings |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function formatPlaces(examples: readonly ExampleKills[]): string {
  const places = [
    "before the first request",
    "a request on its way",
    "carried out, not answered",
    "between requests",
    "after the last request",
    "a step without requests",
  ] as const;
  const lines = examples.map(({ name, trials }) => {
    const kills = trials.flatMap((trial) => trial.kills);
    return `| ${[name, ...places.map((place) => kills.filter((kill) => kill === place).length)].join(" | ")} |`;
  });
  return [
    `| Where kills fell | ${places.join(" | ")} |`,
    `| --- | ${places.map(() => "---").join(" | ")} |`,
    ...lines,
  ].join("\n");
}
