// `millrace replay`: the records of a job's topics once more, beside the live group, and what becomes of the result.
import type { ReplayPlace, ReplayView } from "../../../api/streams/replay.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatInstant, formatWhen } from "../../print/format-time.ts";
import { formatCount } from "../../print/format-value.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface ReplayOptions {
  readonly from: string;
  readonly to?: string;
  readonly swap?: true;
  readonly name?: string;
  readonly withEffects?: true;
  readonly reason?: string;
  readonly json?: true;
}

/** @throws MillraceError `USAGE_INVALID` and what `ReplayDesk` throws */
export async function replay(
  context: CommandContext,
  options: ReplayOptions,
  what: string,
  name: string | undefined,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: what === "list" ? "if-sound" : true });
  if (what === "list") {
    const { items } = await plane.call("listReplays", { query: name === undefined ? {} : { job: name } });
    return list(terminal, options, items);
  }
  const view = await act(plane, options, what, name);
  if (options.json) terminal.json(view);
  else terminal.out(printable(describe(view)));
  return exitCodes.ok;
}

async function act(
  plane: ControlPlane,
  { from, to, swap, name: own, withEffects, reason }: ReplayOptions,
  what: string,
  id: string | undefined,
): Promise<ReplayView> {
  const why = reason === undefined ? {} : { reason };
  if (what !== "swap" && what !== "cancel") {
    const body = {
      ...(from === "earliest" ? {} : { from: parsePlace("--from", from) }),
      ...(to === undefined ? {} : { to: parsePlace("--to", to) }),
      ...(own === undefined ? {} : { name: own }),
      ...(swap ? { swap } : {}),
      ...(withEffects ? { with_effects: withEffects } : {}),
      ...why,
    };
    return await plane.call("startReplay", { params: { job_name: what }, body });
  }
  if (id === undefined)
    throw new MillraceError("USAGE_INVALID", `expected a replay after \`${what}\`, such as \`sums@replay-1\``);
  return await plane.call(what === "swap" ? "swapReplay" : "cancelReplay", { params: { replay: id }, body: why });
}

function parsePlace(option: string, text: string): ReplayPlace {
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) };
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return { at: new Date(timeMs).toISOString() };
  throw new MillraceError("USAGE_INVALID", `expected \`${option}\` to be an offset or an instant, got: \`${text}\``, {
    hint: "write `earliest`, a number, or an instant such as `2026-01-31T06:00:00Z`",
  });
}

function list(terminal: Terminal, { json }: ReplayOptions, items: readonly ReplayView[]): ExitCode {
  if (json) {
    terminal.json({ items });
    return exitCodes.ok;
  }
  if (items.length === 0) terminal.note("nothing was replayed yet");
  const nowMs = Date.now();
  const rows =
    items.length === 0
      ? []
      : formatTable(
          columns,
          items.map((item) => toCells(item, nowMs)),
          terminal.width,
        );
  for (const line of rows) terminal.out(line);
  return exitCodes.ok;
}

const columns = [
  { title: "REPLAY", shrink: true },
  { title: "STATE" },
  { title: "DONE", align: "right" },
  { title: "OF", align: "right" },
  { title: "READY" },
  { title: "STARTED" },
] as const;

function toCells({ replay: id, state, done, total, eta, created_at: at }: ReplayView, nowMs: number): string[] {
  const ready = eta === null ? "" : formatInstant(Date.parse(eta), nowMs);
  return [id, state, formatCount(done), formatCount(total), ready, formatWhen(Date.parse(at), nowMs)];
}

function describe({ replay: id, state, total, outputs, error }: ReplayView): string {
  switch (state) {
    case "running":
      return `${id} replays ${formatCount(total)} records; \`millrace replay list\` shows how far it is`;
    case "swapping":
      return `${id} is swapped in as soon as the live group stands where it ends`;
    case "ready": {
      const datasets = outputs.map(({ replay_dataset: dataset }) => dataset);
      return `${id} is ready${datasets.length === 0 ? "" : `: ${datasets.join(", ")}`}`;
    }
    case "swapped":
    case "cancelled":
      return `${id} is ${state}`;
    case "failed":
      return `${id} failed: ${error ?? "its run ended"}`;
  }
}
