// docs/reports/example-kills.md: where the kills of each example fell, how often, and what was found, with the command and the machine.
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, release, type } from "node:os";
import type { ExampleKill, ExampleKills } from "./kill-example.ts";

export interface ExampleKillsFacts {
  /** That makes the same draw again. */
  readonly command: string;
  readonly date: string;
  readonly durationMs: number;
}

const header = `# Examples killed at random

What \`npm run example-kills\` found. In each trial the steps of an example run in a fresh copy, with a service that outlives them. One of
the commands gets SIGKILL: at a random moment of its start or of its work, when a request has come to the service, or when the service
has carried one out and not answered; an example that serves itself is killed by the clock alone; in a quarter of the trials the command that goes on gets it, too. Then commands run until all
steps are through.

- The tables and what the service has carried out equal those of an undisturbed run.
- A request of the ledger that comes again has the key that it had, and no key stands for two requests.
- No run asks again for a unit that a run before it has read, and a unit is asked for at most once more for each kill.
- \`millrace verify\` is clean, no request of the ledger is left open, and no file is left in staging or beside a table.
`;

/** Puts the section of an example in the place of its last one. */
export async function writeExampleKills(path: string, kills: ExampleKills, facts: ExampleKillsFacts): Promise<void> {
  const before = await readFile(path, "utf8").catch(() => header);
  const [, ...sections] = before.split(/^(?=## )/m);
  const others = sections.filter((section) => !section.startsWith(`## ${kills.name}\n`));
  const all = [...others, formatExampleKills(kills, facts)].toSorted();
  await writeFile(path, `${[header, ...all].map((text) => text.trimEnd()).join("\n\n")}\n`);
}

/** The section of an example. */
export function formatExampleKills(
  { name, note, tables, ledgerRequests, trials }: ExampleKills,
  { command, date, durationMs }: ExampleKillsFacts,
): string {
  const hits = trials.filter(({ kills }) => kills.length > 0);
  const twice = hits.filter(({ kills }) => kills.length > 1).length;
  const findings = trials.flatMap((trial) =>
    trial.findings.map((finding) => `- \`${JSON.stringify(trial.plan)}\`: ${finding}`),
  );
  const rows: readonly (readonly [string, string | number])[] = [
    [
      "result",
      findings.length === 0 ? "nothing lost, doubled, stuck or left behind" : `**${findings.length} findings**`,
    ],
    ...(note === undefined ? [] : [["what ran", note] as const]),
    ["trials with a kill", `${hits.length}, in ${twice} of them two`],
    ["ended before the kill came", trials.length - hits.length],
    ["tables compared", tables],
    ["requests of the ledger in each trial", ledgerRequests],
    ["of these came again, with their keys", trials.reduce((sum, { sentAgain }) => sum + sentAgain, 0)],
    ["made by", `\`${command}\` on ${date}, ${Math.round(durationMs / 1_000)} s`],
    [
      "machine",
      `${type()} ${release()}, ${availableParallelism()} processors, Node.js ${process.version.slice(1)}, SQLite ${process.versions.sqlite ?? ""}`,
    ],
  ];
  return [
    `## ${name}\n`,
    "| what | |\n| --- | --- |",
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
    `\n${formatPlaces(hits)}`,
    ...(findings.length === 0 ? [] : [`\n### Findings\n\n${findings.join("\n")}`]),
  ].join("\n");
}

function formatPlaces(trials: readonly ExampleKill[]): string {
  const kills = trials.flatMap((trial) => trial.kills);
  const places = [...Map.groupBy(kills, (place) => place)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = places.map(([place, { length }]) => `| ${place} | ${length} |`);
  return ["| The kill fell | times |", "| --- | --- |", ...lines].join("\n");
}
