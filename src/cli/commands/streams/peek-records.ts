// `millrace topic peek` and `tail`: records as lines, some of them or all that come.
import { setTimeout as sleep } from "node:timers/promises";
import type { BytesView, PeekedRecords, PeekQuery, RecordView } from "../../../api/streams/topic.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { listenForInterruption } from "../../interruption.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { formatLogTime } from "../../print/format-time.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { oneLine } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface PeekOptions {
  readonly partition?: string;
  readonly offset?: string;
  readonly since?: string;
  readonly from?: "start" | "end";
  readonly key?: string;
  readonly limit: string;
  readonly json?: true;
}

const pageSize = 500;
const patienceMs = 500;

/** Some records, the oldest first; with `--json` one a line. */
export async function peekRecords(
  terminal: Terminal,
  options: PeekOptions,
  plane: ControlPlane,
  topic: string,
): Promise<ExitCode> {
  const limit = parseInteger("--limit", options.limit);
  const query = toQuery(options);
  let shown = 0;
  let looked = 0;
  let page: PeekedRecords | undefined;
  do {
    const cursor: Pick<PeekQuery, "cursor"> = page === undefined ? {} : { cursor: page.next_cursor };
    const more = { ...query, ...cursor, limit: Math.min(pageSize, limit - shown) };
    page = await plane.call("peekRecords", { params: { topic }, query: more });
    for (const item of page.items) print(terminal, options, item);
    shown += page.items.length;
    looked += page.looked_at;
  } while (shown < limit && !page.complete && looked < maxLookedAt);
  if (!options.json && shown === 0) terminal.note(`no record of ${printable(topic)} fits`);
  if (!page.complete && shown < limit) {
    terminal.note(`${formatCountOf(looked, "record")} were looked at; \`--since\` or \`--offset\` goes further`);
  }
  return exitCodes.ok;
}

/** Records for one question of a person, however many calls it takes. */
const maxLookedAt = 1_000_000;

/** What comes, until Ctrl-C; begins with the next record unless the options name a place. */
export async function tailRecords(
  terminal: Terminal,
  options: PeekOptions,
  plane: ControlPlane,
  topic: string,
): Promise<ExitCode> {
  using interruption = listenForInterruption(() => undefined);
  const { signal } = interruption;
  const query = toQuery(options);
  const hasPlace = query.offset !== undefined || query.since !== undefined || query.from !== undefined;
  let page = await plane.call("peekRecords", {
    params: { topic },
    query: { ...query, limit: hasPlace ? pageSize : 1 },
  });
  if (hasPlace) for (const item of page.items) print(terminal, options, item);
  else terminal.note(`waiting for records of ${printable(topic)}; Ctrl-C ends it`);
  while (!signal.aborted) {
    if (page.complete) await sleep(patienceMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const { partition, key } = query;
    const rest = { ...(partition === undefined ? {} : { partition }), ...(key === undefined ? {} : { key }) };
    page = await plane.call("peekRecords", {
      params: { topic },
      query: { ...rest, cursor: page.next_cursor, limit: pageSize },
    });
    for (const item of page.items) print(terminal, options, item);
  }
  return exitCodes.ok;
}

function toQuery({ partition, offset, since, from, key }: PeekOptions): PeekQuery {
  return {
    ...(partition === undefined ? {} : { partition: parseInteger("--partition", partition, { least: 0 }) }),
    ...(offset === undefined ? {} : { offset: parseInteger("--offset", offset, { least: 0 }) }),
    ...(since === undefined ? {} : { since: parseInstant("--since", since) }),
    ...(from === undefined ? {} : { from }),
    ...(key === undefined ? {} : { key }),
  };
}

/** A date or an instant as ISO text. @throws MillraceError `USAGE_INVALID` */
export function parseInstant(option: string, text: string): string {
  const atMs = Date.parse(text);
  if (!Number.isNaN(atMs) && /^\d{4}-\d{2}-\d{2}/.test(text)) return new Date(atMs).toISOString();
  throw new MillraceError(
    "USAGE_INVALID",
    `expected \`${option}\` to be like \`2026-03-01T06:00:00Z\`, got: \`${text}\``,
  );
}

function print(terminal: Terminal, { json }: PeekOptions, item: RecordView): void {
  if (json) {
    // What stands in a record is what was asked for, whatever its fields are called.
    terminal.json(item, { masks: false });
    return;
  }
  const place = terminal.styleOut(
    "dim",
    `${formatLogTime(Date.parse(item.at), Date.now())} ${item.partition}@${item.offset}`,
  );
  const key = item.key.encoding === "null" ? "" : ` ${terminal.styleOut("cyan", printable(toText(item.key)))}`;
  terminal.out(`${place}${key} ${printable(oneLine(toText(item.value)))}`);
}

/** As a person reads it. */
export function toText({ encoding, json, text, bytes, truncated }: BytesView): string {
  const more = truncated ? `… (${bytes} bytes)` : "";
  if (encoding === "json") return JSON.stringify(json);
  if (encoding === "null") return "null";
  return `${encoding === "base64" ? "base64:" : ""}${text}${more}`;
}
