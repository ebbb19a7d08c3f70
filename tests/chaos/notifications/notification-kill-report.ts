// The report of the kills of whoever tells people, as Markdown.
import { availableParallelism, release, type } from "node:os";
import type { NotificationKills } from "./notification-kills.ts";

export interface NotificationKillFacts {
  readonly seed: number;
  readonly count: number;
  readonly date: string;
  readonly durationMs: number;
}

export function formatNotificationKills(
  { kills, runs, messages, lost, repeated, unrecorded, findings }: NotificationKills,
  { seed, count, date, durationMs }: NotificationKillFacts,
): string {
  return `# Killed notifications, ${date}

What \`npm run notification-kills -- --kills ${count} --seed ${seed}\` found. A process executes runs and tells of each by a webhook, by mail
and by a FIFO topic of SNS. It is killed with SIGKILL and another one goes on with the same store. The peers outlive it and count what
they have acknowledged, by the id that each knows a message by.

| what | |
| --- | --- |
| result | ${findings.length === 0 ? "nothing lost; repeated only what was acknowledged and not recorded" : `**${findings.length} findings**`} |
| killed when a request had come in | ${kills.request} |
| killed when an acknowledgement had left | ${kills.acknowledged} |
| killed at any time | ${kills.any} |
| runs that finished | ${runs} |
| messages written with their ends | ${messages} |
| lost | ${lost} |
| acknowledgements that a kill kept from being recorded | ${unrecorded} |
| told again, with the same id | ${repeated} |
| time | ${Math.round(durationMs / 1_000)} s |
| machine | ${type()} ${release()}, ${availableParallelism()} processors, Node.js ${process.version.slice(1)}, SQLite ${process.versions.sqlite ?? ""} |
${findings.length === 0 ? "" : `\n## Findings\n\n${findings.map((finding) => `- ${finding}`).join("\n")}\n`}`;
}
