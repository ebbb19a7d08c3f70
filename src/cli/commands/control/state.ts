// `millrace state`: what a job remembers (watermarks, checkpoints), and moving a watermark with a look at what that means first.
import type { Page, PageQuery } from "../../../api/page.ts";
import type { Checkpoint, JobUnit, UnitPage, Watermark, WatermarkChange } from "../../../api/state.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { readPages } from "../../control/read-pages.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { formatWhen } from "../../print/format-time.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface StateOptions {
  readonly to?: string;
  readonly watermark?: string;
  readonly tenant?: string;
  readonly limit: string;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export type StateAction = "show" | "diff" | "rewind" | "undo";

/** @throws MillraceError `JOB_UNKNOWN` | `THING_UNKNOWN` | `VERSION_CONFLICT` | `USAGE_INVALID` */
export async function state(
  context: CommandContext,
  options: StateOptions,
  action: StateAction,
  job: string,
): Promise<ExitCode> {
  await using plane = await openControlPlane(context, { definitions: false });
  if (action === "show" || action === "diff") {
    const remembered = await load(plane, job, options);
    const { watermarks, checkpoints } = remembered;
    if (options.json) context.terminal.json({ job_name: job, ...remembered });
    else if (action === "show") printState(context.terminal, remembered);
    else printHistory(context.terminal, watermarks, checkpoints);
    return exitCodes.ok;
  }
  const watermark = choose(job, await findNamed(plane, job, options.watermark), options);
  const change =
    action === "rewind" ? await rewind(plane, job, watermark, options) : await undo(plane, job, watermark, options);
  if (options.json) context.terminal.json({ job_name: job, ...change });
  else printChange(context.terminal, change);
  return exitCodes.ok;
}

/** The parts are bounded by `--limit`. */
interface Remembered {
  readonly summary: UnitPage["summary"];
  readonly units: readonly JobUnit[];
  readonly watermarks: readonly Watermark[];
  readonly checkpoints: readonly Checkpoint[];
}

async function load(plane: ControlPlane, job: string, options: StateOptions): Promise<Remembered> {
  const params = { job_name: job };
  const limit = parseInteger("--limit", options.limit, { most: maxLimit });
  const { summary } = await plane.call("listJobUnits", { params, query: { limit: 1 } });
  const { items: units } = await readPages((query) => plane.call("listJobUnits", { params, query }), { limit });
  const { items: watermarks } = await readWatermarks(plane, job, { q: options.watermark, limit });
  const { items: checkpoints } = await plane.call("listCheckpoints", { params });
  return { summary, units, watermarks, checkpoints };
}

const maxLimit = 1_000_000;

function readWatermarks(
  plane: ControlPlane,
  job: string,
  { q, limit = Infinity }: { readonly q: string | undefined; readonly limit?: number },
): Promise<Page<Watermark>> {
  const filter = q === undefined ? {} : { q };
  const read = (query: PageQuery): Promise<Page<Watermark>> =>
    plane.call("listWatermarks", { params: { job_name: job }, query: { ...query, ...filter } });
  return readPages(read, { limit });
}

/** Those that are named; without a name enough of them to tell that there are several. */
async function findNamed(plane: ControlPlane, job: string, q: string | undefined): Promise<readonly Watermark[]> {
  const limit = q === undefined ? maxNamed + 1 : Infinity;
  return (await readWatermarks(plane, job, { q, limit })).items;
}

function printState(terminal: Terminal, { summary, units, watermarks, checkpoints }: Remembered): void {
  const nowMs = Date.now();
  const isInUnits = units.some(({ key, ranges, error }) => key !== "" || ranges.length > 0 || error !== null);
  // units have a line each, for all of their watermarks
  if (isInUnits) printUnits(terminal, summary, units, nowMs);
  for (const { name, value, version, updated_at } of watermarks.filter(({ name }) => !isInUnits || !isOfUnit(name)))
    terminal.out(
      printable(`watermark ${name}: ${value}  version ${version}, ${formatWhen(Date.parse(updated_at), nowMs)}`),
    );
  for (const { run_id, state: runState, versions } of checkpoints) {
    const [newest] = versions;
    if (newest === undefined) continue;
    const data = newest.readable ? JSON.stringify(newest.data) : "damaged";
    terminal.out(printable(`checkpoint of ${run_id} (${runState}): ${data}  version ${newest.version}`));
  }
  if (watermarks.length + checkpoints.length + units.length === 0)
    terminal.note("it remembers nothing; `ctx.watermark` and `ctx.checkpoint` are what a job keeps things with");
}

function printUnits(
  terminal: Terminal,
  { units: count, failed, behind, read_to: readTo, furthest }: UnitPage["summary"],
  units: readonly JobUnit[],
  nowMs: number,
): void {
  if (count > 1) {
    const reach =
      readTo === null || furthest === null
        ? ""
        : readTo === furthest
          ? `; read to ${toDay(furthest)}`
          : `; read to ${toDay(readTo)} at least, to ${toDay(furthest)} at most`;
    terminal.out(`${count} units: ${failed} failed, ${behind} behind${reach}`);
  }
  for (const unit of units) terminal.out(printable(describeUnit(unit, nowMs)));
  const left = count - units.length;
  if (left > 0) terminal.note(`and ${left} more units; what is behind comes first, and \`--limit\` shows more`);
}

function toDay(instant: string): string {
  return instant.replace("T00:00:00.000Z", "");
}

function isOfUnit(name: string): boolean {
  return name === "default" || name.startsWith("unit ");
}

/** `unit a: 2026-01-01 – 2026-01-04, 2026-01-05 – 2026-01-06  r7, 3 minutes ago  failed from 2026-01-04 in r8: …`. */
function describeUnit(
  { key, ranges, value, last_run_id: run, last_read_at: at, error }: JobUnit,
  nowMs: number,
): string {
  const parts = ranges.map(({ from, to }) => `${toDay(from)} – ${toDay(to)}`).join(", ");
  const read = parts === "" ? (value === null ? "nothing" : `up to ${value}`) : parts;
  const last = at === null ? "" : `  ${run ?? ""}, ${formatWhen(Date.parse(at), nowMs)}`;
  const from = error?.from === null || error === null ? "" : ` from ${toDay(error.from)}`;
  const failed = error === null ? "" : `  failed${from} in ${error.run_id}: ${error.message}`;
  return `${key === "" ? "the source" : `unit ${key}`}: ${read}${last}${failed}`;
}

function printHistory(terminal: Terminal, watermarks: readonly Watermark[], checkpoints: readonly Checkpoint[]): void {
  const nowMs = Date.now();
  for (const { name, history } of watermarks) {
    terminal.out(printable(`watermark ${name}`));
    for (const { version, value, at, run_id, by, reason } of history) {
      const who = run_id ?? by ?? "";
      const why = reason === null ? "" : `: ${reason}`;
      terminal.out(printable(`  ${version}  ${value}  ${formatWhen(Date.parse(at), nowMs)}  ${who}${why}`));
    }
  }
  for (const { run_id, versions } of checkpoints) {
    terminal.out(`checkpoint of ${run_id}`);
    for (const { version, data, readable, saved_at } of versions) {
      const text = readable ? JSON.stringify(data) : "damaged";
      terminal.out(printable(`  ${version}  ${formatWhen(Date.parse(saved_at), nowMs)}  ${text}`));
    }
  }
}

const maxNamed = 10;

function choose(job: string, watermarks: readonly Watermark[], { watermark, tenant }: StateOptions): Watermark {
  const fitting = watermarks.filter(
    (each) => (watermark === undefined || each.name === watermark) && (tenant === undefined || each.tenant === tenant),
  );
  const [only, another] = fitting;
  const shown = watermarks.slice(0, maxNamed).map((each) => `${each.name} (${each.tenant})`);
  const names = [...shown, ...(watermarks.length > shown.length ? ["and more"] : [])].join(", ");
  if (only === undefined) {
    const hint = names === "" ? "it appears when a run calls `ctx.watermark().advance(…)`" : `it has ${names}`;
    throw new MillraceError("THING_UNKNOWN", `\`${job}\` has no such watermark`, { hint });
  }
  if (another === undefined) return only;
  throw new MillraceError("USAGE_INVALID", `\`${job}\` has several watermarks`, {
    hint: watermarks.some(({ name }) => name.startsWith("unit "))
      ? `name one with \`--watermark\`: ${names}; a range of all units is read again by \`millrace run ${job} --from <date> --to <date>\``
      : `name one with \`--watermark\` and \`--tenant\`: ${names}`,
  });
}

async function rewind(
  plane: ControlPlane,
  job: string,
  watermark: Watermark,
  options: StateOptions,
): Promise<WatermarkChange> {
  const { to, reason, dryRun } = options;
  if (to === undefined) throw new MillraceError("USAGE_INVALID", "expected `--to` with the value to go back to");
  if (reason === undefined && !dryRun) {
    throw new MillraceError("USAGE_INVALID", "expected `--reason`: the history keeps why somebody moved it");
  }
  const { name, tenant, version, value } = watermark;
  const next = typeof value === "number" ? Number(to) : to;
  if (typeof next === "number" && !Number.isFinite(next)) {
    throw new MillraceError("USAGE_INVALID", `expected \`--to\` to be a number like \`${value}\`, got: \`${to}\``);
  }
  return plane.call("putWatermark", {
    params: { job_name: job },
    body: { name, tenant, version, value: next, reason: reason ?? "preview", ...(dryRun ? { preview: true } : {}) },
  });
}

function undo(
  plane: ControlPlane,
  job: string,
  watermark: Watermark,
  { reason }: StateOptions,
): Promise<WatermarkChange> {
  const { name, tenant, version } = watermark;
  const body = { name, tenant, version, ...(reason === undefined ? {} : { reason }) };
  return plane.call("undoWatermark", { params: { job_name: job }, body });
}

const maxShown = 10;

function printChange(terminal: Terminal, change: WatermarkChange): void {
  const { name, before, after, direction, affected_runs: runs, affected_datasets: datasets, version } = change;
  terminal.out(printable(`watermark ${name}: ${before} → ${after}${version === null ? " (preview)" : ""}`));
  if (direction === "rewind") terminal.out(`  what ${formatCountOf(runs.length, "run")} read is read again`);
  if (direction === "skip") terminal.out("  what is between the two is never read");
  for (const { run_id, from, to } of runs.slice(0, maxShown))
    terminal.out(printable(`  ${run_id}  ${from ?? "the begin"} → ${to}`));
  if (runs.length > maxShown) terminal.out(`  and ${runs.length - maxShown} more`);
  if (datasets.length > 0) terminal.out(printable(`  datasets: ${datasets.join(", ")}`));
  if (version !== null) terminal.note("`millrace state undo` takes it back while no run has moved it on");
}
