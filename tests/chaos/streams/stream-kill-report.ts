// The report of the killed workers of streams, as Markdown: a section for each place, which a trial there writes anew.
import { availableParallelism, release, type } from "node:os";
import type { PlaceKind } from "./kill-place.ts";
import type { StreamKills } from "./stream-kills.ts";

export interface StreamKillFacts {
  readonly seed: number;
  /** Kills that were wanted; fewer where the time was over. */
  readonly count: number;
  readonly date: string;
  readonly durationMs: number;
}

const head = `# Killed workers of streams

What \`npm run stream-kills\` found, in one section for each store and log. A job feeds records into a topic, two replicas of a stream job
produce each into a second topic, and a job of batches appends them from there to a Delta table and to a second table. Two worker
processes share all this; at random moments one of them is killed with SIGKILL and another one is started. Servers are killed, too, where
there are some: those of Postgres are stopped at once, as a crash would, and a broker of Kafka is killed with SIGKILL; both are started
again on the same data within two seconds.

In the end readers that use nothing of Millrace read all: the blocks of both topics, or their committed records as Kafka's own consumer prints them; the commits of
the Delta table with their Parquet files; and the rows of the second table.

## Earlier trials

A trial of 160 kills on 30 November 2026, most of them of workers that were still starting, ended with 70,274 of 320,000 records in neither
table; both topics were whole and nothing was doubled. How its batches stood was not kept. \`worker --until-idle\` was then found to end
while a full batch was yet to be made, which leaves records where the next worker finds them; it no longer does, and what is not done is
now a finding of its own.
`;

/** The report with the section of this trial in the place of the one before. @param before the report as it is, if there is one */
export function addStreamKills(before: string | undefined, kills: StreamKills, facts: StreamKillFacts): string {
  const title = titleOf(kills);
  const kept = (before ?? "")
    .split(/^## /m)
    .slice(1)
    .filter((section) => !section.startsWith(`${title}\n`) && !section.startsWith("Earlier trials\n"));
  const sections = [...kept, formatStreamKills(kills, facts)].map((section) => section.trim()).toSorted();
  return `${head}\n${sections.map((section) => `## ${section}\n`).join("\n")}`;
}

function titleOf({ store, log }: PlaceKind): string {
  const where = store === "sqlite" ? "SQLite" : "Postgres";
  return log === "kafka" ? `Topics on Kafka, store in ${where}` : `Topics and store in ${where}`;
}

function formatStreamKills(kills: StreamKills, { seed, count, date, durationMs }: StreamKillFacts): string {
  const { store, log, records, findings } = kills;
  const options = `--store ${store} --log ${log} --kills ${count} --records ${records} --seed ${seed}`;
  const rows = [
    ["result", findings.length === 0 ? whole : `**${findings.length} findings**`],
    ["records", String(records)],
    ["kills", String(kills.kills)],
    ...Object.entries(kills.killedServers).map(([server, times]) => [`of these ${server}`, String(times)]),
    ...Object.entries(kills.lostRuns).map(([job, runs]) => [`runs of \`${job}\` that a kill ended`, String(runs)]),
    ["batches", String(kills.batches)],
    ["time", `${Math.round(durationMs / 1_000)} s`],
    ["records a second", String(Math.round(records / (durationMs / 1_000)))],
    ["machine", machine],
  ];
  return `${titleOf(kills)}

\`npm run stream-kills -- ${options}\`, on ${date}:

| what | |
| --- | --- |
${rows.map(([what, value]) => `| ${what} | ${value} |\n`).join("")}${findings.length === 0 ? "" : `\n${findings.map((finding) => `- ${finding}`).join("\n")}\n`}`;
}

const whole = "each record once in each topic and table, in the order of its key";
const machine = `${type()} ${release()}, ${availableParallelism()} processors, Node.js ${process.version.slice(1)}, SQLite ${process.versions.sqlite ?? ""}`;
