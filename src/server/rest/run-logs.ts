// Log lines of a run and the runs in it: pages both ways, search, and the whole as text. Memory holds a page, not the log.
import type { LogLine, LogPage } from "../../api/run.ts";
import { printable } from "../../core/printable.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { LogSearch, LogSearchPage } from "../../store/search/search-store.ts";
import type { CallContext, CallInput, Handlers } from "../handler.ts";
import { requestInvalid } from "../request-invalid.ts";
import { requireRun } from "../require-run.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";

const defaultLimit = 200;
const downloadPage = 1_000;
/** A line of the text shows so much of its fields; the page has them whole. */
const maxFieldCharacters = 2_000;

export function createRunLogHandlers(services: ServerServices): Handlers<"listRunLogs" | "downloadRunLogs"> {
  const { store } = services;
  return {
    async listRunLogs({ params, query: { limit = defaultLimit, after, before, tail, ...filter } }) {
      if (after !== undefined && before !== undefined) {
        throw requestInvalid({ path: "query.before", message: "expected either `after` or `before`" });
      }
      const { id } = await requireRun(store, params.run_id);
      const position = {
        ...(after === undefined ? {} : { after }),
        ...(before === undefined ? {} : { before }),
        ...(tail === undefined ? {} : { tail }),
      };
      return toLogPage(await store.searchLogs({ runId: id, ...toFilter(filter), ...position, limit }));
    },
    async downloadRunLogs({ params, query }, { signal }) {
      const { id } = await requireRun(store, params.run_id);
      const chunks = readText(services, { runId: id, ...toFilter(query) }, signal);
      return { kind: "text_stream", fileName: `${formatRunId(id)}.log.txt`, chunks };
    },
  };
}

function toFilter({ q, level }: CallInput<"downloadRunLogs">["query"]): Pick<LogSearch, "text" | "level"> {
  return { ...(q === undefined || q === "" ? {} : { text: q }), ...(level === undefined ? {} : { level }) };
}

function toLogPage({ lines, hasBefore, hasAfter, beforeCursor, afterCursor }: LogSearchPage): LogPage {
  return {
    items: lines.map(toLogLine),
    has_before: hasBefore,
    has_after: hasAfter,
    before_cursor: beforeCursor ?? null,
    after_cursor: afterCursor ?? null,
  };
}

function toLogLine({ cursor, runId, job, atMs, level, message, fields = null }: Line): LogLine {
  return { cursor, run_id: formatRunId(runId), job_name: job, at: toInstant(atMs), level, message, fields };
}

type Line = LogSearchPage["lines"][number];

// A page is asked for when the one before was taken, so that a slow reader holds nothing back but itself.
async function* readText(
  { store }: ServerServices,
  filter: { readonly runId: RunId } & Pick<LogSearch, "text" | "level">,
  signal: CallContext["signal"],
): AsyncGenerator<string> {
  for (let after: string | undefined; !signal.aborted;) {
    const page = await store.searchLogs({ ...filter, ...(after === undefined ? {} : { after }), limit: downloadPage });
    if (page.lines.length > 0) yield page.lines.map(toText).join("");
    // A cursor that does not move would read the same page for ever.
    if (!page.hasAfter || page.afterCursor === undefined || page.afterCursor === after) return;
    after = page.afterCursor;
  }
}

// One line each: a message of several lines is indented, so that none of them passes for a line of the log.
function toText({ runId, job, atMs, level, message, fields }: Line): string {
  const head = `${toInstant(atMs)} ${level.toUpperCase().padEnd(5)} ${formatRunId(runId)} ${job}`;
  const tail = fields === undefined || fields === null ? "" : ` ${JSON.stringify(fields).slice(0, maxFieldCharacters)}`;
  return `${head} ${printable(message.replaceAll("\r\n", "\n")).replaceAll("\n", "\n    ")}${printable(tail)}\n`;
}
