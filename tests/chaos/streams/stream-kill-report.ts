// The report of the killed workers of streams, as Markdown.
import { availableParallelism, release, type } from "node:os";
import type { StreamKills } from "./stream-kills.ts";

export interface StreamKillFacts {
  readonly seed: number;
  /** Kills that were wanted; fewer where the time was over. */
  readonly count: number;
  readonly date: string;
  readonly durationMs: number;
}

export function formatStreamKills(
  { kills, records, lostRuns, batches, findings }: StreamKills,
  { seed, count, date, durationMs }: StreamKillFacts,
): string {
  const lost = Object.entries(lostRuns).map(([job, runs]) => `| runs of \`${job}\` that a kill ended | ${runs} |\n`);
  return `# Killed workers of streams, ${date}

What \`npm run stream-kills -- --kills ${count} --records ${records} --seed ${seed}\` found, on a store in SQLite with the embedded log. A job feeds
records into a topic, two replicas of a stream job produce each into a second topic, and a job of batches appends them from there to a
Delta table and a SQLite table. Two worker processes share all this; at random moments one of them is killed with SIGKILL and another one
is started. In the end a reader that uses nothing of Millrace reads the blocks of both topics, the commits of the Delta table with their
Parquet files, and the SQLite table.

| what | |
| --- | --- |
| result | ${findings.length === 0 ? "each record once in each topic and table, in the order of its key" : `**${findings.length} findings**`} |
| records | ${records} |
| workers killed | ${kills} |
${lost.join("")}| batches | ${batches} |
| time | ${Math.round(durationMs / 1_000)} s |
| machine | ${type()} ${release()}, ${availableParallelism()} processors, Node.js ${process.version.slice(1)}, SQLite ${process.versions.sqlite ?? ""} |
${findings.length === 0 ? "" : `\n## Findings\n\n${findings.map((finding) => `- ${finding}`).join("\n")}\n`}`;
}
