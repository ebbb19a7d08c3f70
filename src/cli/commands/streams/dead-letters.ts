// `millrace topic dead-letters`: records that could not be handled, and what becomes of them.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { JsonValue } from "../../../api/page.ts";
import type { ChooseDeadLetters, DeadLetterDetail, DeadLetterView } from "../../../api/streams/dead-letter.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { DeadLetterState } from "../../../core/stream/stream-ledger.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { parseInteger } from "../../parse/parse-integer.ts";
import { formatWhen } from "../../print/format-time.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";
import { toText } from "./peek-records.ts";

export interface DeadLettersOptions {
  readonly group?: string;
  readonly topic?: string;
  readonly state?: string;
  /** JSON in place of the value, of `retry`. */
  readonly value?: string;
  /** A file with it; `-` is stdin. */
  readonly valueFile?: string;
  readonly limit: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly reason?: string;
  readonly json?: true;
}

const verbs = ["list", "show", "retry", "discard"] as const;
const states: readonly DeadLetterState[] = ["open", "retried", "discarded"];

/** @throws MillraceError `USAGE_INVALID` | `THING_UNKNOWN` | `TRANSITION_INVALID` */
export async function deadLetters(
  terminal: Terminal,
  options: DeadLettersOptions,
  plane: ControlPlane,
  [given = "list", ...ids]: readonly (string | undefined)[],
): Promise<ExitCode> {
  const verb = verbs.find((known) => known === given);
  const chosen = ids.filter((id) => id !== undefined);
  if (verb === undefined) {
    throw new MillraceError("USAGE_INVALID", `unknown action \`${given}\`${suggest(given, verbs)}`, {
      hint: "`millrace topic dead-letters` has `list`, `show`, `retry` and `discard`",
    });
  }
  switch (verb) {
    case "list":
      return await list(terminal, options, plane);
    case "show":
      return await show(terminal, options, plane, parseId(chosen[0], "show"));
    case "retry":
    case "discard":
      return await resolve(terminal, options, plane, verb, chosen);
  }
}

async function list(terminal: Terminal, options: DeadLettersOptions, plane: ControlPlane): Promise<ExitCode> {
  const { group, topic, json } = options;
  const state = states.find((known) => known === options.state);
  if (options.state !== undefined && state === undefined) {
    const known = states.map((one) => `\`${one}\``).join(", ");
    throw new MillraceError("USAGE_INVALID", `expected \`--state\` to be one of ${known}, got: \`${options.state}\``);
  }
  const page = await plane.call("listDeadLetters", {
    query: {
      limit: parseInteger("--limit", options.limit, { most: 500 }),
      ...(group === undefined ? {} : { group }),
      ...(topic === undefined ? {} : { topic }),
      ...(state === undefined ? {} : { state }),
    },
  });
  if (json) {
    terminal.json({ items: page.items, open: page.open });
    return exitCodes.ok;
  }
  const nowMs = Date.now();
  if (page.items.length === 0) terminal.note("no dead letters");
  else {
    const rows = page.items.map((item) => toCells(item, nowMs));
    for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  }
  if (page.open > 0) terminal.note(`${page.open} open; \`millrace topic dead-letters show <id>\` shows the record`);
  return exitCodes.ok;
}

const columns = [
  { title: "ID", align: "right" },
  { title: "WHEN" },
  { title: "GROUP", shrink: true },
  { title: "RECORD", shrink: true },
  { title: "STATE" },
  { title: "TRIES", align: "right" },
  { title: "ERROR", shrink: true },
] as const;

function toCells(item: DeadLetterView, nowMs: number): string[] {
  return [
    String(item.id),
    formatWhen(Date.parse(item.at), nowMs),
    item.group,
    placeOf(item),
    item.state,
    String(item.attempts),
    `${item.error.code}: ${item.error.message}`,
  ];
}

function placeOf({ topic, partition, offset }: DeadLetterView): string {
  return `${topic}/${partition}@${offset}`;
}

async function show(
  terminal: Terminal,
  { json }: DeadLettersOptions,
  plane: ControlPlane,
  id: number,
): Promise<ExitCode> {
  const found = await plane.call("showDeadLetter", { params: { dead_letter_id: id } });
  // What stands in the record is what was asked for, whatever its fields are called.
  if (json) terminal.json(found, { masks: false });
  else for (const line of describe(found, Date.now())) terminal.out(printable(line));
  return exitCodes.ok;
}

function describe(found: DeadLetterDetail, nowMs: number): string[] {
  const { id, group, run_id: runId, state, attempts, error, at, key, value, headers } = found;
  return [
    `dead letter ${id} of \`${group}\`: ${state}, ${placeOf(found)} after ${attempts} ${attempts === 1 ? "try" : "tries"}`,
    `${error.code}: ${error.message}`,
    `given up by ${runId} ${formatWhen(Date.parse(at), nowMs)}, with code ${found.code}`,
    `record of ${found.record_at}`,
    `key: ${toText(key)}`,
    ...headers.map(({ name, value: header }) => `header ${name}: ${toText(header)}`),
    `value: ${toText(value)}`,
  ];
}

async function resolve(
  terminal: Terminal,
  options: DeadLettersOptions,
  plane: ControlPlane,
  verb: "retry" | "discard",
  ids: readonly string[],
): Promise<ExitCode> {
  const isAll = ids.length === 0;
  if (isAll && options.group === undefined) {
    throw new MillraceError("USAGE_INVALID", `expected the numbers of dead letters to ${verb}`, {
      hint: "or `--group <name>` for all open ones of a group",
    });
  }
  const isUnsure = isAll && options.yes !== true;
  const body: ChooseDeadLetters = {
    ...(isAll ? {} : { ids: ids.map((id) => parseId(id, verb)) }),
    ...(options.group === undefined ? {} : { group: options.group }),
    ...(options.topic === undefined ? {} : { topic: options.topic }),
    ...(options.dryRun || isUnsure ? { preview: true } : {}),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const { count, changed } =
    verb === "retry"
      ? await plane.call("retryDeadLetters", { body: { ...body, ...(await readValue(options)) } })
      : await plane.call("discardDeadLetters", { body });
  if (options.json) {
    terminal.json({ action: verb, count, changed });
    return exitCodes.ok;
  }
  const letters = formatCountOf(count, "dead letter");
  if (!changed) terminal.out(`would ${verb} ${letters}`);
  else terminal.out(verb === "retry" ? `${letters} will be handled again` : `discarded ${letters}`);
  if (!changed && count > 0 && !options.dryRun) terminal.note("nothing was changed; `--yes` does it");
  return exitCodes.ok;
}

async function readValue({ value, valueFile }: DeadLettersOptions): Promise<{ readonly value?: JsonValue }> {
  const given = value ?? (await readSource(valueFile));
  if (given === undefined) return {};
  try {
    return { value: JSON.parse(given) as JsonValue };
  } catch (error) {
    throw new MillraceError("USAGE_INVALID", `expected the value to be JSON, ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function readSource(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
}

function parseId(id: string | undefined, verb: string): number {
  if (id !== undefined && /^[1-9]\d{0,14}$/.test(id)) return Number(id);
  throw new MillraceError(
    "USAGE_INVALID",
    `expected the number of a dead letter to ${verb}, got: \`${id ?? "none"}\``,
    { hint: "`millrace topic dead-letters` shows the numbers" },
  );
}
