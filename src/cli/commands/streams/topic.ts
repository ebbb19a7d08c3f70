// `millrace topic`: what is in topics, and what a person does with them.
import type { TopicDetail, TopicView, TrimTopic } from "../../../api/streams/topic.ts";
import { formatDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { formatBytes, formatCount, formatCountOf } from "../../print/format-value.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { deadLetters, type DeadLettersOptions } from "./dead-letters.ts";
import { parseInstant, peekRecords, type PeekOptions, tailRecords } from "./peek-records.ts";
import { produce, type ProduceOptions } from "./produce.ts";

export interface TopicOptions extends PeekOptions, ProduceOptions, DeadLettersOptions {
  readonly before?: string;
  readonly beforeTime?: string;
  readonly all?: true;
  readonly unread?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly reason?: string;
  readonly json?: true;
}

export type TopicAction = "list" | "describe" | "produce" | "tail" | "peek" | "trim" | "delete" | "dead-letters";

/** @throws MillraceError `USAGE_INVALID` | `TOPIC_UNKNOWN` | `RECORD_INVALID` | `OFFSET_OUT_OF_RANGE` */
export async function topic(
  context: CommandContext,
  options: TopicOptions,
  action: TopicAction,
  name: string | undefined,
  more: readonly string[] = [],
): Promise<ExitCode> {
  const { terminal } = context;
  // Values are held against the schemas of definitions, and lists say which topics are defined.
  await using plane = await openControlPlane(context, { definitions: action === "produce" ? true : "if-sound" });
  if (action === "list") return await list(terminal, options, plane);
  if (action === "dead-letters") return await deadLetters(terminal, options, plane, [name, ...more]);
  if (name === undefined) {
    throw new MillraceError("USAGE_INVALID", `expected the name of a topic to ${action}`, {
      hint: "`millrace topic list` shows them",
    });
  }
  switch (action) {
    case "describe":
      return await describe(terminal, options, plane, name);
    case "produce":
      return await produce(terminal, options, plane, name);
    case "peek":
      return await peekRecords(terminal, options, plane, name);
    case "tail":
      return await tailRecords(terminal, options, plane, name);
    case "trim":
      return await trim(terminal, options, plane, name);
    case "delete":
      return await remove(terminal, options, plane, name);
  }
}

async function list(terminal: Terminal, { json }: TopicOptions, plane: ControlPlane): Promise<ExitCode> {
  const { items } = await plane.call("listTopics", {});
  if (json) {
    terminal.json({ items });
    return exitCodes.ok;
  }
  if (items.length === 0) terminal.note("no topics; `defineTopic` makes one, which appears when it is first used");
  else for (const line of formatTable(columns, items.map(toCells), terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

const columns = [
  { title: "TOPIC", shrink: true },
  { title: "PARTITIONS", align: "right" },
  { title: "RECORDS", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "KEPT" },
  { title: "GROUPS", shrink: true },
] as const;

function toCells({ topic: name, partitions, records, bytes, retention_ms: retentionMs, groups }: TopicView): string[] {
  return [
    name,
    String(partitions),
    formatCount(records),
    bytes === null ? "" : formatBytes(bytes),
    retentionMs === null ? "for good" : formatDuration(retentionMs),
    describeGroups(groups),
  ];
}

function describeGroups(groups: TopicView["groups"]): string {
  return groups
    .map(({ group, lag }) => `${group} ${lag === 0 ? "has read all" : `${formatCount(lag)} behind`}`)
    .join(", ");
}

async function describe(
  terminal: Terminal,
  { json }: TopicOptions,
  plane: ControlPlane,
  name: string,
): Promise<ExitCode> {
  const found = await plane.call("showTopic", { params: { topic: name } });
  if (json) terminal.json(found);
  else for (const line of toLines(found, terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

function toLines(found: TopicDetail, width: number): string[] {
  const { topic: name, topic_id: id, log, defined, records, bytes, retention_ms: retentionMs } = found;
  const size = bytes === null ? "" : `, ${formatBytes(bytes)}`;
  const kept = retentionMs === null ? "until somebody trims the topic" : `for ${formatDuration(retentionMs)}`;
  const producers = found.produced_by.length === 0 ? [] : [`produced by ${found.produced_by.join(", ")}`];
  const readers = found.groups.length === 0 ? "read by nobody" : `read by ${describeGroups(found.groups)}`;
  return [
    `${name}: ${formatCountOf(records, "record")}${size} in ${formatCountOf(found.partitions, "partition")} of the ${log} log`,
    `id ${id}${defined ? "" : "; the project does not define it"}`,
    `kept ${kept}`,
    ...producers,
    readers,
    "",
    ...formatTable(
      [{ title: "PARTITION", align: "right" }, ...["START", "END", "RECORDS"].map(rightColumn), rightColumn("SIZE")],
      found.bounds.map(({ partition, start, end, bytes: own }) => [
        String(partition),
        String(start),
        String(end),
        formatCount(end - start),
        own === null ? "" : formatBytes(own),
      ]),
      width,
    ),
  ].map(printable);
}

function rightColumn(title: string): { readonly title: string; readonly align: "right" } {
  return { title, align: "right" };
}

async function trim(terminal: Terminal, options: TopicOptions, plane: ControlPlane, name: string): Promise<ExitCode> {
  const isUnsure = options.yes !== true;
  const body: TrimTopic = {
    ...(options.partition === undefined
      ? {}
      : { partition: parseInteger("--partition", options.partition, { least: 0 }) }),
    ...(options.before === undefined ? {} : { before: parseInteger("--before", options.before, { least: 0 }) }),
    ...(options.beforeTime === undefined ? {} : { before_time: parseInstant("--before-time", options.beforeTime) }),
    ...(options.all ? { all: true } : {}),
    ...(options.unread ? { unread: true } : {}),
    ...(options.dryRun || isUnsure ? { preview: true } : {}),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const trimmed = await plane.call("trimTopic", { params: { topic: name }, body });
  if (options.json) {
    terminal.json(trimmed);
    return exitCodes.ok;
  }
  const verb = trimmed.changed ? "forgot" : "would forget";
  terminal.out(printable(`${verb} ${formatCountOf(trimmed.records, "record")} of ${name}`));
  for (const { group, lag } of trimmed.unread_by) {
    terminal.note(printable(`${group} has not read ${formatCountOf(lag, "record")} of them`));
  }
  if (!trimmed.changed && trimmed.records > 0 && !options.dryRun) terminal.note("nothing was changed; `--yes` does it");
  return exitCodes.ok;
}

async function remove(terminal: Terminal, options: TopicOptions, plane: ControlPlane, name: string): Promise<ExitCode> {
  const { topic_id: id, records, groups } = await plane.call("showTopic", { params: { topic: name } });
  const isDone = options.yes === true && !options.dryRun;
  if (isDone) await plane.call("deleteTopic", { params: { topic: name } });
  if (options.json) {
    terminal.json({ topic: name, topic_id: id, records, deleted: isDone });
    return exitCodes.ok;
  }
  const verb = isDone ? "deleted" : "would delete";
  terminal.out(printable(`${verb} ${name} with ${formatCountOf(records, "record")}`));
  if (groups.length > 0) terminal.note(printable(`it is read by ${groups.map(({ group }) => group).join(", ")}`));
  if (!isDone && !options.dryRun) terminal.note("nothing was changed; `--yes` does it");
  return exitCodes.ok;
}
