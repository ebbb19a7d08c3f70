// `millrace batch`: what a group has taken in batches, and a way past one that no run can work through.
import type { BatchView } from "../../../api/streams/batch.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { parseBatchId } from "../../../core/stream/batch.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { formatWhen } from "../../print/format-time.ts";
import { formatBytes, formatCount, formatCountOf } from "../../print/format-value.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface BatchOptions {
  readonly limit: string;
  readonly reason?: string;
  readonly json?: true;
}

/** @throws MillraceError `USAGE_INVALID` | `GROUP_UNKNOWN` | `BATCH_UNKNOWN` | `BATCH_CLOSED` */
export async function batch(
  context: CommandContext,
  options: BatchOptions,
  action: "list" | "give-up",
  name: string,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: "if-sound" });
  return action === "list" ? await list(terminal, options, plane, name) : await giveUp(terminal, options, plane, name);
}

async function list(terminal: Terminal, options: BatchOptions, plane: ControlPlane, group: string): Promise<ExitCode> {
  const query = { limit: parseInteger("--limit", options.limit, { most: 500 }) };
  const { items } = await plane.call("listBatches", { params: { group }, query });
  if (options.json) {
    terminal.json({ items });
    return exitCodes.ok;
  }
  const nowMs = Date.now();
  if (items.length === 0) terminal.note(printable(`${group} has taken no batch yet`));
  else {
    for (const line of formatTable(
      columns,
      items.map((item) => toCells(item, nowMs)),
      terminal.width,
    ))
      terminal.out(line);
  }
  return exitCodes.ok;
}

const columns = [
  { title: "BATCH", shrink: true },
  { title: "STATE" },
  { title: "RUN" },
  { title: "RECORDS", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "BECAUSE" },
  { title: "OPENED" },
] as const;

function toCells(item: BatchView, nowMs: number): string[] {
  return [
    `${item.group}/${item.number}`,
    item.stuck ? "open, its run has ended" : item.state.replace("_", " "),
    item.run_id,
    formatCount(item.records),
    formatBytes(item.bytes),
    item.because,
    formatWhen(Date.parse(item.opened_at), nowMs),
  ];
}

async function giveUp(
  terminal: Terminal,
  { json, reason }: BatchOptions,
  plane: ControlPlane,
  name: string,
): Promise<ExitCode> {
  const id = parseBatchId(name);
  if (id === undefined) {
    throw new MillraceError("USAGE_INVALID", `expected a batch like \`dashboard/12\`, got: \`${name}\``, {
      hint: "`millrace batch list <group>` shows them",
    });
  }
  const body = reason === undefined ? {} : { reason };
  const given = await plane.call("giveUpBatch", { params: { group: id.group, batch: id.number }, body });
  if (json) terminal.json(given);
  else
    terminal.out(
      printable(`${name} is given up; ${id.group} goes on behind its ${formatCountOf(given.records, "record")}`),
    );
  return exitCodes.ok;
}
