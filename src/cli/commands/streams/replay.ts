// `millrace replay`: the records of a job's topics once more, beside the live group, and what becomes of the result.
import type { ReplayBound, ReplayDesk, ReplayView } from "../../../app/streams/replay-desk.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { replayDataset } from "../../../core/stream/replay.ts";
import type { CommandContext } from "../../command-context.ts";
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
  readonly json?: true;
}

/** @throws MillraceError `USAGE_INVALID` and what `ReplayDesk` throws */
export async function replay(
  context: CommandContext,
  options: ReplayOptions,
  what: string,
  name: string | undefined,
): Promise<ExitCode> {
  await using app = await context.openApp();
  const { terminal } = context;
  if (what === "list") return list(terminal, options, await app.replays.list(name));
  const view = await act(app.replays, options, what, name);
  if (options.json) terminal.json(view);
  else terminal.out(printable(describe(view)));
  return exitCodes.ok;
}

async function act(
  desk: ReplayDesk,
  { from, to, swap, name: own, withEffects }: ReplayOptions,
  what: string,
  id: string | undefined,
): Promise<ReplayView> {
  if (what !== "swap" && what !== "cancel") {
    return await desk.start({
      job: what,
      from: from === "earliest" ? from : parseBound("--from", from),
      ...(to === undefined ? {} : { to: parseBound("--to", to) }),
      swap: swap === true,
      ...(own === undefined ? {} : { name: own }),
      withEffects: withEffects === true,
      by: "cli",
    });
  }
  if (id === undefined)
    throw new MillraceError("USAGE_INVALID", `expected a replay after \`${what}\`, such as \`sums@replay-1\``);
  return what === "swap" ? await desk.swap(id) : await desk.cancel(id, "cli");
}

function parseBound(option: string, text: string): ReplayBound {
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) };
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return { timeMs };
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

function toCells({ id, state, done, total, etaMs, createdAtMs }: ReplayView, nowMs: number): string[] {
  const ready = etaMs === undefined ? "" : formatInstant(etaMs, nowMs);
  return [id, state, formatCount(done), formatCount(total), ready, formatWhen(createdAtMs, nowMs)];
}

function describe({ id, state, total, outputs, error }: ReplayView): string {
  switch (state) {
    case "running":
      return `${id} replays ${formatCount(total)} records; \`millrace replay list\` shows how far it is`;
    case "swapping":
      return `${id} is swapped in as soon as the live group stands where it ends`;
    case "ready": {
      const datasets = outputs.map(({ dataset }) => replayDataset(dataset, id));
      return `${id} is ready${datasets.length === 0 ? "" : `: ${datasets.join(", ")}`}`;
    }
    case "swapped":
    case "cancelled":
      return `${id} is ${state}`;
    case "failed":
      return `${id} failed: ${error ?? "its run ended"}`;
  }
}
