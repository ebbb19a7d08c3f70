// The report of the kill harness as Markdown: what happened how often, and what was found.
import { availableParallelism, release, type } from "node:os";
import type { TargetFault, TargetKill } from "./target-kills.ts";

export interface TargetKillsFacts {
  readonly seed: number;
  /** How many were asked for that do harm. */
  readonly count: number;
  readonly date: string;
  readonly durationMs: number;
}

/** @param kills one or more */
export function formatTargetKills(
  kills: readonly TargetKill[],
  { seed, count, date, durationMs }: TargetKillsFacts,
): string {
  const findings = kills.flatMap(({ fault, findings: found }) =>
    found.map((finding) => `- ${describeTable(fault)}, ${describeFault(fault)}: ${finding}`),
  );
  const times = (end: string): number => kills.filter((kill) => kill.end === end).length;
  return `# Interrupted SQLite and DuckDB targets, ${date}

What \`npm run kills -- --kills ${count} --seed ${seed}\` found. Each line is a process that publishes 60,000 rows in one
transaction and is killed, or whose disk is full, in the middle of it. Afterwards the run is tried again and another run publishes:
both must succeed, the table must equal that of undisturbed runs, and no file may be left beside it or in staging.

| what | |
| --- | --- |
| result | ${findings.length === 0 ? "nothing stuck, lost, doubled or left behind" : `**${findings.length} findings**`} |
| killed | ${times("killed")} |
| ended by a full disk | ${times("DISK_FULL")} |
| ended before the fault came | ${times("unharmed")} |
| time | ${Math.round(durationMs / 1_000)} s |
| machine | ${type()} ${release()}, ${availableParallelism()} processors, Node.js ${process.version.slice(1)}, SQLite ${process.versions.sqlite ?? ""} |

${formatCounts("Table", kills, ({ fault }) => describeTable(fault))}

${formatCounts("Fault", kills, ({ fault }) => describeKind(fault))}
${findings.length === 0 ? "" : `\n## Findings\n\n${findings.join("\n")}\n`}`;
}

function formatCounts(title: string, kills: readonly TargetKill[], nameOf: (kill: TargetKill) => string): string {
  const groups = new Map<string, TargetKill[]>();
  for (const kill of kills) groups.set(nameOf(kill), [...(groups.get(nameOf(kill)) ?? []), kill]);
  const lines = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, group]) => {
      const count = (end: string): number => group.filter((kill) => kill.end === end).length;
      const found = group.reduce((sum, { findings }) => sum + findings.length, 0);
      return `| ${name} | ${count("killed")} | ${count("DISK_FULL")} | ${count("unharmed")} | ${found} |`;
    });
  return [`| ${title} | killed | disk full | unharmed | findings |`, "| --- | --- | --- | --- | --- |", ...lines].join(
    "\n",
  );
}

function describeTable({ format, mode, exists }: TargetFault): string {
  return `${format} ${mode}, ${exists ? "on a table that is there" : "into a new file"}`;
}

function describeKind(fault: TargetFault): string {
  switch (fault.kind) {
    case "moment":
      return `at \`${fault.moment}\``;
    case "bytes":
      return `at a size of \`…${fault.suffix}\``;
    case "disk":
      return "a full disk";
    case "limit":
      return "a limit of the size of files";
  }
}

function describeFault(fault: TargetFault): string {
  switch (fault.kind) {
    case "moment":
      return `${describeKind(fault)} ${fault.occurrence}`;
    case "bytes":
      return `${describeKind(fault)} of ${fault.bytes} bytes`;
    case "disk":
      return `with ${fault.bytes} bytes left`;
    case "limit":
      return `${describeKind(fault)} of ${fault.bytes} bytes`;
  }
}
