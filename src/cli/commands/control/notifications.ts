// `millrace notifications`: what people were told and what became of it, a try of a channel, and another try of a message.
import type { ChannelView, NotificationDetail, NotificationView } from "../../../api/notification.ts";
import type { ErrorCode } from "../../../core/errors/error-codes.ts";
import { formatDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { notificationStates } from "../../../core/notification/notification-state.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { formatWhen } from "../../print/format-time.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface NotificationsOptions {
  readonly state?: string;
  readonly channel?: string;
  readonly job?: string;
  readonly limit: string;
  readonly json?: true;
}

export type NotificationsAction = "list" | "channels" | "show" | "test" | "retry";

/** Channels that stand in jobs are known when the jobs load. @throws MillraceError `USAGE_INVALID` | `THING_UNKNOWN` | `TRANSITION_INVALID` */
export async function notifications(
  context: CommandContext,
  options: NotificationsOptions,
  action: NotificationsAction,
  name: string | undefined,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: "if-sound" });
  switch (action) {
    case "list":
      return await list(terminal, options, plane);
    case "channels":
      return await listChannels(terminal, options, plane);
    case "show":
      return await show(terminal, options, plane, parseId(name, action));
    case "test":
      return await test(terminal, options, plane, name);
    case "retry":
      return await retry(terminal, options, plane, parseId(name, action));
  }
}

async function list(terminal: Terminal, options: NotificationsOptions, plane: ControlPlane): Promise<ExitCode> {
  const { channel, job, json } = options;
  const state = notificationStates.find((known) => known === options.state);
  if (options.state !== undefined && state === undefined) {
    const known = notificationStates.map((one) => `\`${one}\``).join(", ");
    throw new MillraceError("USAGE_INVALID", `expected \`--state\` to be one of ${known}, got: \`${options.state}\``);
  }
  const page = await plane.call("listNotifications", {
    query: {
      limit: parseInteger("--limit", options.limit),
      ...(state === undefined ? {} : { state }),
      ...(channel === undefined ? {} : { channel }),
      ...(job === undefined ? {} : { job }),
    },
  });
  if (json) {
    terminal.json({ items: page.items, given_up: page.given_up });
    return exitCodes.ok;
  }
  const nowMs = Date.now();
  if (page.items.length === 0) terminal.note("no notifications");
  const rows = page.items.map((item) => toCells(item, nowMs));
  if (rows.length > 0) for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  if (page.given_up > 0) terminal.note(`${page.given_up} given up; \`millrace notifications show <id>\` tells why`);
  return exitCodes.ok;
}

async function listChannels(
  terminal: Terminal,
  { json }: NotificationsOptions,
  plane: ControlPlane,
): Promise<ExitCode> {
  const { items } = await plane.call("listChannels", {});
  if (json) terminal.json({ items });
  else if (items.length === 0) terminal.note("no channels; declare one under `channels` of millrace.config.ts");
  else for (const line of formatTable(channelColumns, items.map(toChannelCells), terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

async function show(
  terminal: Terminal,
  { json }: NotificationsOptions,
  plane: ControlPlane,
  id: number,
): Promise<ExitCode> {
  const found = await plane.call("showNotification", { params: { notification_id: id } });
  if (json) terminal.json(found);
  else for (const line of describe(found, Date.now())) terminal.out(printable(line));
  return exitCodes.ok;
}

async function test(
  terminal: Terminal,
  { json }: NotificationsOptions,
  plane: ControlPlane,
  channel: string | undefined,
): Promise<ExitCode> {
  if (channel === undefined) throw new MillraceError("USAGE_INVALID", "expected the name of a channel to test");
  const { sent, error, duration_ms: durationMs } = await plane.call("testChannel", { params: { channel } });
  if (error !== null && !sent) {
    const hint = error.hint === null ? {} : { hint: error.hint };
    throw new MillraceError(error.code as ErrorCode, error.message, hint);
  }
  if (json) terminal.json({ channel, sent, duration_ms: durationMs, error });
  else terminal.out(`\`${channel}\` took a test in ${formatDuration(durationMs)}`);
  if (error !== null) terminal.note(printable(error.message));
  return error === null ? exitCodes.ok : exitCodes.runFailed;
}

async function retry(
  terminal: Terminal,
  { json }: NotificationsOptions,
  plane: ControlPlane,
  id: number,
): Promise<ExitCode> {
  const { channel } = await plane.call("retryNotification", { params: { notification_id: id } });
  if (json) terminal.json({ action: "retry", id, channel });
  else terminal.out(`notification ${id} goes to \`${channel}\` again, by the next worker or server that runs`);
  return exitCodes.ok;
}

const columns = [
  { title: "ID" },
  { title: "WHEN" },
  { title: "CHANNEL", shrink: true },
  { title: "EVENT" },
  { title: "JOB", shrink: true },
  { title: "STATE" },
  { title: "TRIES" },
  { title: "PROBLEM", shrink: true },
] as const;

function toCells(item: NotificationView, nowMs: number): string[] {
  const more = item.count === 1 ? "" : ` +${item.count - 1}`;
  return [
    String(item.id),
    formatWhen(Date.parse(item.created_at), nowMs),
    item.channel,
    item.action === "resolve" ? "resolve" : item.event,
    `${item.job_name}${more}`,
    item.state,
    String(item.attempts),
    item.problem === null ? "" : `${item.problem.code}: ${item.problem.message}`,
  ];
}

const channelColumns = [
  { title: "CHANNEL", shrink: true },
  { title: "KIND" },
  { title: "ADDRESS", shrink: true },
] as const;

function toChannelCells({ channel, kind, address }: ChannelView): string[] {
  return [channel, kind, address];
}

function describe(found: NotificationDetail, nowMs: number): string[] {
  const { id, channel, state, attempts, uid, problem, due_at: dueAt, count, notices } = found;
  const hint = problem?.hint ?? null;
  const when = dueAt === null ? "" : `, next try ${formatWhen(Date.parse(dueAt), nowMs)}`;
  return [
    `notification ${id} to \`${channel}\`: ${state}, ${attempts} ${attempts === 1 ? "try" : "tries"}${when}`,
    `id at its peer: ${uid}`,
    ...(problem === null ? [] : [`problem: ${problem.code}: ${problem.message}`]),
    ...(hint === null ? [] : [`what to do: ${hint}`]),
    ...notices.map(({ at, event, job_name: job, run_id: run, message }) => {
      return `${at} ${event} ${job}${run === null ? "" : ` ${run}`}: ${message}`;
    }),
    ...(count > notices.length ? [`and ${count - notices.length} more`] : []),
  ];
}

function parseId(text: string | undefined, action: string): number {
  if (text !== undefined && /^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new MillraceError(
    "USAGE_INVALID",
    `expected the number of a notification to ${action}, got: \`${text ?? "none"}\``,
    {
      hint: "`millrace notifications` shows the numbers",
    },
  );
}
