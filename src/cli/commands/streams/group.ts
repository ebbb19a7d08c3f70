// `millrace group`: who works through topics and how far, and a way to put a group to another place.
import type { GroupDetail, GroupView, SeekGroup } from "../../../api/streams/group.ts";
import { formatDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { formatAgo } from "../../print/format-time.ts";
import { formatCount, formatCountOf } from "../../print/format-value.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { parseInstant } from "./peek-records.ts";

export interface GroupOptions {
  readonly to?: string;
  readonly topic?: string;
  readonly partition?: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly reason?: string;
  readonly json?: true;
}

export type GroupAction = "list" | "describe" | "seek";

/** @throws MillraceError `USAGE_INVALID` | `THING_UNKNOWN` */
export async function group(
  context: CommandContext,
  options: GroupOptions,
  action: GroupAction,
  name: string | undefined,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: "if-sound" });
  if (action === "list") return await list(terminal, options, plane);
  if (name === undefined) {
    throw new MillraceError("USAGE_INVALID", `expected the name of a group to ${action}`, {
      hint: "`millrace group list` shows them",
    });
  }
  return action === "describe"
    ? await describe(terminal, options, plane, name)
    : await seek(terminal, options, plane, name);
}

async function list(terminal: Terminal, { json }: GroupOptions, plane: ControlPlane): Promise<ExitCode> {
  const { items } = await plane.call("listGroups", {});
  if (json) {
    terminal.json({ items });
    return exitCodes.ok;
  }
  if (items.length === 0) terminal.note("no groups; a job of a stream makes one when it first runs");
  else for (const line of formatTable(columns, items.map(toCells), terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

const columns = [
  { title: "GROUP", shrink: true },
  { title: "TOPICS", shrink: true },
  { title: "MEMBERS", align: "right" },
  { title: "LAG", align: "right" },
  { title: "OLDEST" },
  { title: "PARKED", align: "right" },
  { title: "DEAD", align: "right" },
] as const;

function toCells(item: GroupView): string[] {
  return [
    item.group,
    item.topics.join(", "),
    String(item.members),
    formatCount(item.lag),
    item.lag_ms === null ? "" : formatDuration(item.lag_ms),
    formatCount(item.parked),
    formatCount(item.dead_letters),
  ];
}

async function describe(
  terminal: Terminal,
  { json }: GroupOptions,
  plane: ControlPlane,
  name: string,
): Promise<ExitCode> {
  const found = await plane.call("showGroup", { params: { group: name } });
  if (json) terminal.json(found);
  else for (const line of toLines(found, terminal.width, Date.now())) terminal.out(line);
  return exitCodes.ok;
}

function toLines(found: GroupDetail, width: number, nowMs: number): string[] {
  const { lag, lag_ms: lagMs, parked, dead_letters: dead, generation, runs } = found;
  const age = lagMs === null ? "" : `, the oldest ${formatDuration(lagMs)} old`;
  return [
    printable(
      `${found.group} of job ${found.job_name}: ${lag === 0 ? "has read all" : `${formatCountOf(lag, "record")} behind${age}`}`,
    ),
    `${parked} parked, ${formatCountOf(dead, "dead letter")}, generation ${generation}`,
    ...runs.map(({ run_id: run, joined_at: at, partitions }) => {
      const held = partitions.length === 0 ? "waits for a partition" : `holds ${partitions.join(", ")}`;
      return `${run} ${held}, a member since ${formatAgo(Date.parse(at), nowMs)}`;
    }),
    ...(runs.length === 0 ? ["nobody works on it"] : []),
    "",
    ...formatTable(partitionColumns, found.partitions.map(toPartitionCells), width),
  ];
}

const partitionColumns = [
  { title: "TOPIC", shrink: true },
  { title: "PARTITION", align: "right" },
  { title: "OFFSET", align: "right" },
  { title: "END", align: "right" },
  { title: "LAG", align: "right" },
  { title: "EPOCH", align: "right" },
  { title: "RUN" },
] as const;

function toPartitionCells(item: GroupDetail["partitions"][number]): string[] {
  return [
    item.topic,
    String(item.partition),
    String(item.offset),
    item.end === null ? "" : String(item.end),
    formatCount(item.lag),
    String(item.epoch),
    item.run_id ?? "",
  ];
}

async function seek(terminal: Terminal, options: GroupOptions, plane: ControlPlane, name: string): Promise<ExitCode> {
  const isUnsure = options.yes !== true;
  const body: SeekGroup = {
    ...parsePlace(options.to),
    ...(options.topic === undefined ? {} : { topic: options.topic }),
    ...(options.partition === undefined
      ? {}
      : { partition: parseInteger("--partition", options.partition, { least: 0 }) }),
    ...(options.dryRun || isUnsure ? { preview: true } : {}),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const sought = await plane.call("seekGroup", { params: { group: name }, body });
  if (options.json) {
    terminal.json(sought);
    return exitCodes.ok;
  }
  for (const { topic, partition, from, to } of sought.moves)
    terminal.out(printable(`${topic}/${partition}: ${from} to ${to}`));
  const verb = sought.changed ? "" : "would be ";
  if (sought.moves.length === 0) terminal.note("it is there already");
  if (sought.again > 0) terminal.note(`${formatCountOf(sought.again, "record")} ${verb}handled again`);
  if (sought.skipped > 0) terminal.note(`${formatCountOf(sought.skipped, "record")} ${verb}passed over`);
  if (!sought.changed && sought.moves.length > 0 && !options.dryRun)
    terminal.note("nothing was changed; `--yes` does it");
  return exitCodes.ok;
}

function parsePlace(to: string | undefined): Pick<SeekGroup, "to" | "at" | "offset"> {
  if (to === undefined) {
    throw new MillraceError("USAGE_INVALID", "expected `--to` to name the place", {
      hint: "`--to start`, `--to end`, `--to 4711` with `--partition`, or `--to 2026-03-01T06:00:00Z`",
    });
  }
  if (to === "start" || to === "end") return { to };
  return /^\d+$/.test(to) ? { offset: Number(to) } : { at: parseInstant("--to", to) };
}
