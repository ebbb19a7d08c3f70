// `millrace requests <run>`: what a run asked of services, with the answers' status, time and size.
import type { RequestTotals, ServiceRequestRecord } from "../../../api/request.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { readPages } from "../../control/read-pages.ts";
import { parseRun } from "../../control/run-target.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatLogTime } from "../../print/format-time.ts";
import { formatBytes, formatCount, formatCountOf, formatElapsed } from "../../print/format-value.ts";
import { formatTable } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";

export interface ExchangesOptions {
  readonly failed?: true;
  readonly json?: true;
}

/** Secrets in addresses are masked where they are recorded. @throws MillraceError `RUN_UNKNOWN` */
export async function listExchanges(
  context: CommandContext,
  options: ExchangesOptions,
  run: string,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: false });
  const params = { run_id: await parseRun(plane, run) };
  const filter = options.failed ? { failed: true } : {};
  let totals: RequestTotals = { requests: 0, failed: 0, received_bytes: 0, kept: 0 };
  const { items } = await readPages(async (call) => {
    const page = await plane.call("listRunRequests", { params, query: { ...filter, ...call } });
    totals = page.totals;
    return page;
  });
  if (options.json) terminal.json({ items, totals });
  else print(terminal, items, totals);
  return exitCodes.ok;
}

function print(terminal: Terminal, items: readonly ServiceRequestRecord[], totals: RequestTotals): void {
  const nowMs = Date.now();
  const columns = [
    { title: "NO.", align: "right" },
    { title: "TIME" },
    { title: "METHOD" },
    { title: "ANSWER" },
    { title: "TOOK", align: "right" },
    { title: "BYTES", align: "right" },
    { title: "UNIT", shrink: true },
    { title: "ADDRESS" },
  ] as const;
  const rows = items.map((item) => [
    String(item.seq),
    formatLogTime(Date.parse(item.started_at), nowMs),
    item.method,
    formatAnswer(item),
    formatElapsed(item.duration_ms),
    formatBytes(item.received_bytes),
    formatUnit(item),
    item.address,
  ]);
  if (rows.length > 0) for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  terminal.note(formatTotals(totals));
}

function formatAnswer({ status, error, repeat }: ServiceRequestRecord): string {
  const answer = [status, error].filter((part) => part !== null).join(" ");
  return repeat === 0 ? answer : `${answer} (again ${repeat})`;
}

function formatUnit({ unit, page }: ServiceRequestRecord): string {
  return [unit, page === null ? null : `page ${page}`].filter((part) => part !== null).join(", ");
}

function formatTotals({ requests: all, failed, received_bytes: bytes, kept }: RequestTotals): string {
  if (all === 0) return "it asked no service for anything";
  const rest = kept < all ? `; ${formatCount(kept)} of them are kept one by one` : "";
  return `${formatCountOf(all, "request")}, ${formatCount(failed)} failed, ${formatBytes(bytes)} received${rest}`;
}
