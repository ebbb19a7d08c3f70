// `millrace requests`: all that a run asked of services; what runs have sent that changes something elsewhere, and what became of requests that nobody knows of.
import { requestStates } from "../../../core/connection/request-ledger.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId, parseRunId, type RunId } from "../../../core/run-id.ts";
import type { RequestRecord } from "../../../store/connections/connection-store.ts";
import type { Store } from "../../../store/store.ts";
import type { CommandContext } from "../../command-context.ts";
import { listExchanges } from "../runs/list-exchanges.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatTable } from "../../print/table.ts";
import { parseInteger } from "../../parse/parse-integer.ts";

export interface RequestsOptions {
  readonly state?: string;
  readonly as?: string;
  readonly limit: string;
  readonly failed?: true;
  readonly json?: true;
}

/** @param action `list`, `resolve`, or a run @throws MillraceError `USAGE_INVALID` | `THING_UNKNOWN` | `RUN_UNKNOWN` */
export async function requests(
  context: CommandContext,
  options: RequestsOptions,
  action: string,
  runId: string | undefined,
  name: string | undefined,
): Promise<ExitCode> {
  if (action === "last" || /^r?\d+$/.test(action)) return await listExchanges(context, options, action);
  if (action !== "list" && action !== "resolve") {
    throw new MillraceError("USAGE_INVALID", `expected a run, \`list\` or \`resolve\`, got: \`${action}\``);
  }
  const run = runId === undefined ? undefined : parseRunId(runId);
  await using app = await context.openApp({ definitions: false });
  if (action === "list") return await list(context, app.store, options, run);
  if (run === undefined || name === undefined)
    throw new MillraceError("USAGE_INVALID", "expected a run and the name of its request to resolve", {
      hint: "`millrace requests list --state unknown` shows both",
    });
  return await resolve(context, app.store, options, { runId: run, name });
}

async function list(
  { terminal }: CommandContext,
  store: Store,
  options: RequestsOptions,
  runId: RunId | undefined,
): Promise<ExitCode> {
  const state = requestStates.find((known) => known === options.state);
  if (options.state !== undefined && state === undefined) throw notOneOf("--state", requestStates, options.state);
  const limit = parseInteger("--limit", options.limit);
  const items = await store.listLedger({
    ...(runId === undefined ? {} : { runId }),
    ...(state === undefined ? {} : { state }),
    limit,
  });
  if (options.json) {
    terminal.json({ items: items.map(toView) });
    return exitCodes.ok;
  }
  if (items.length === 0) terminal.note("no requests");
  else for (const line of formatTable(columns, items.map(toCells), terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

async function resolve(
  { terminal, environment }: CommandContext,
  store: Store,
  { as, json }: RequestsOptions,
  request: Pick<RequestRecord, "runId" | "name">,
): Promise<ExitCode> {
  const found = resolutions.find((known) => known === as);
  if (found === undefined) throw notOneOf("--as", resolutions, as);
  const { runId, name } = request;
  if (!(await store.resolveRequest({ runId, name, as: found, by: environment.user }))) {
    const message = `run \`${formatRunId(runId)}\` has no unknown request \`${name}\``;
    throw new MillraceError("THING_UNKNOWN", message, { hint: "`millrace requests list --state unknown` shows them" });
  }
  const run = formatRunId(runId);
  if (json) terminal.json({ action: "resolve", run, name, as: found });
  else {
    const effect = found === "done" ? "counts as carried out" : "will be sent again";
    terminal.out(`\`${name}\` ${effect}; \`millrace retry ${run}\` goes on`);
  }
  return exitCodes.ok;
}

const resolutions = ["done", "again"] as const;

const columns = [
  { title: "RUN" },
  { title: "JOB", shrink: true },
  { title: "REQUEST", shrink: true },
  { title: "STATE" },
  { title: "SENT" },
  { title: "STATUS" },
  { title: "ADDRESS", shrink: true },
] as const;

function toCells({ runId, job, name, state, sends, status, method, address }: RequestRecord): string[] {
  return [formatRunId(runId), job, name, state, String(sends), String(status ?? ""), `${method} ${address}`];
}

function toView({ runId, plannedAtMs, changedAtMs, resolvedBy, ...record }: RequestRecord): object {
  return {
    ...record,
    run: formatRunId(runId),
    status: record.status ?? null,
    planned_at: new Date(plannedAtMs).toISOString(),
    changed_at: new Date(changedAtMs).toISOString(),
    resolved_by: resolvedBy ?? null,
  };
}

function notOneOf(option: string, known: readonly string[], got: string | undefined): MillraceError {
  const list = known.map((one) => `\`${one}\``).join(", ");
  return new MillraceError("USAGE_INVALID", `expected \`${option}\` to be one of ${list}, got: \`${got ?? "none"}\``);
}
