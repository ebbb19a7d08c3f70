// `millrace quarantine`: rows that checks set aside, and what becomes of them.
import type {
  QuarantineRows,
  QuarantineView,
  ResolvedQuarantine,
  ResolveQuarantine,
} from "../../../api/datasets/quarantine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { followRun } from "../../control/follow-run.ts";
import { formatAgo } from "../../print/format-time.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { parseInteger } from "../../parse/parse-integer.ts";

export interface QuarantineOptions {
  readonly run?: string;
  readonly check?: string;
  readonly where: readonly string[];
  readonly limit: string;
  /** Needed to discard all rows of a quarantine. */
  readonly yes?: true;
  readonly dryRun?: true;
  readonly reason?: string;
  readonly json?: true;
}

export type QuarantineAction = "list" | "show" | "release" | "discard";

/** @throws MillraceError `QUARANTINE_UNKNOWN` | `USAGE_INVALID` */
export async function quarantine(
  context: CommandContext,
  options: QuarantineOptions,
  action: QuarantineAction,
  dataset: string | undefined,
): Promise<ExitCode> {
  await using plane = await openControlPlane(context, { definitions: action === "release" || action === "discard" });
  if (action === "list") return await list(context, plane, options);
  if (dataset === undefined) {
    throw new MillraceError("USAGE_INVALID", `expected a dataset to ${action} rows of`, {
      hint: "`millrace quarantine list` shows those that have some",
    });
  }
  if (action === "show") return await show(context, plane, options, dataset);
  return await resolve(context, plane, options, action, dataset);
}

async function list(context: CommandContext, plane: ControlPlane, options: QuarantineOptions): Promise<ExitCode> {
  const { terminal } = context;
  const { items } = await plane.call("listQuarantine", {});
  if (options.json) terminal.json({ items });
  else if (items.length === 0) terminal.note("no rows are set aside");
  else printList(terminal, items);
  return exitCodes.ok;
}

function printList(terminal: Terminal, items: readonly QuarantineView[]): void {
  const nowMs = Date.now();
  const columns = [
    { title: "DATASET", shrink: true },
    { title: "ROWS", align: "right" },
    { title: "OLDEST" },
    { title: "CHECKS", shrink: true },
  ] as const;
  const rows = items.map(({ dataset, rows: count, oldest_at: oldestAt, checks }) => [
    dataset,
    String(count),
    oldestAt === null ? "" : formatAgo(Date.parse(oldestAt), nowMs),
    describeChecks(checks),
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

async function show(
  context: CommandContext,
  plane: ControlPlane,
  options: QuarantineOptions,
  dataset: string,
): Promise<ExitCode> {
  const { terminal } = context;
  const { run, check, where } = toFilter(options);
  const query = {
    ...(run === undefined ? {} : { run }),
    ...(check === undefined ? {} : { check }),
    ...(where === undefined ? {} : { where: JSON.stringify(where) }),
    limit: parseInteger("--limit", options.limit, { most: 500 }),
  };
  const found = await plane.call("showQuarantine", { params: { dataset }, query });
  if (options.json) terminal.json(found);
  else if (found.rows === 0) await noteThatNoneFits(terminal, plane, dataset);
  else printRows(terminal, found);
  return exitCodes.ok;
}

function printRows(terminal: Terminal, { rows, checks, items }: QuarantineRows): void {
  for (const item of items) terminal.out(printable(JSON.stringify(item)));
  const more = rows > items.length ? `, the oldest ${items.length} are shown` : "";
  terminal.note(printable(`${formatCountOf(rows, "row")}${more}: ${describeChecks(checks)}`));
}

async function resolve(
  context: CommandContext,
  plane: ControlPlane,
  options: QuarantineOptions,
  action: "release" | "discard",
  dataset: string,
): Promise<ExitCode> {
  const { terminal } = context;
  const filter = toFilter(options);
  const isUnsure = action === "discard" && Object.keys(filter).length === 0 && !options.yes;
  const body: ResolveQuarantine = {
    ...filter,
    ...(options.dryRun || isUnsure ? { preview: true } : {}),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const name = action === "release" ? "releaseQuarantine" : "discardQuarantine";
  const resolved = await plane.call(name, { params: { dataset }, body });
  const { run_id: runId } = resolved;
  if (runId === null) {
    if (options.json) terminal.json({ action, ...resolved });
    else if (resolved.rows === 0) await noteThatNoneFits(terminal, plane, dataset);
    else terminal.out(printable(describePreview(action, resolved)));
    if (isUnsure && resolved.rows > 0) terminal.note("nothing was changed; `--yes` discards all rows");
    return exitCodes.ok;
  }
  terminal.note(`run ${runId} ${action === "release" ? "publishes" : "drops"} ${formatCountOf(resolved.rows, "row")}`);
  await using _worker = await plane.work();
  return await followRun(context, plane, runId, options);
}

// A check or run with a slip of the pen in it is no error, so the reader is told what there is.
async function noteThatNoneFits(terminal: Terminal, plane: ControlPlane, dataset: string): Promise<void> {
  const { items } = await plane.call("listQuarantine", {});
  const view = items.find((item) => item.dataset === dataset);
  terminal.note(printable(`no row in the quarantine of ${dataset} fits`));
  if (view === undefined) return;
  const runs = view.runs.map(({ run_id: run, rows }) => `${run} ${rows}`).join(", ");
  terminal.note(
    printable(`  it has ${formatCountOf(view.rows, "row")}: ${describeChecks(view.checks)}; of runs ${runs}`),
  );
}

function describePreview(action: string, { dataset, rows, checks }: ResolvedQuarantine): string {
  return `would ${action} ${formatCountOf(rows, "row")} of ${dataset}: ${describeChecks(checks)}`;
}

function describeChecks(checks: QuarantineView["checks"]): string {
  return checks.map(({ name, rows }) => `${name} ${rows}`).join(", ");
}

function toFilter({ run, check, where }: QuarantineOptions): Pick<ResolveQuarantine, "run" | "check" | "where"> {
  return {
    ...(run === undefined ? {} : { run }),
    ...(check === undefined ? {} : { check }),
    ...(where.length === 0 ? {} : { where: Object.fromEntries(where.map(parseWhere)) }),
  };
}

function parseWhere(text: string): [string, string | null] {
  const [, column, value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (column !== undefined) return [column, value === "" ? null : value];
  throw new MillraceError("USAGE_INVALID", `expected \`--where\` to be like \`country=DE\`, got: \`${text}\``);
}
