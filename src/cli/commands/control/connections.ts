// `millrace connections`: the services that jobs talk to. What is registered goes in sealed and is never shown again.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Connection, ConnectionTest } from "../../../api/orchestrator.ts";
import type { JsonValue } from "../../../api/page.ts";
import { formatDuration } from "../../../core/duration.ts";
import type { ErrorCode } from "../../../core/errors/error-codes.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface ConnectionsOptions {
  readonly url: string;
  readonly file: string;
  readonly replace?: true;
  readonly fresh?: true;
  readonly json?: true;
}

export type ConnectionsAction = "list" | "test" | "reset" | "add" | "remove" | "rekey";

/** Secrets are needed where the request is sent: here, or on the server. @throws MillraceError `USAGE_INVALID` | `CONNECTION_UNKNOWN` */
export async function connections(
  context: CommandContext,
  options: ConnectionsOptions,
  action: ConnectionsAction,
  name: string | undefined,
): Promise<ExitCode> {
  const { terminal } = context;
  // Only definitions tell which jobs use a connection, and what connections jobs alone name.
  const definitions = action === "list" || action === "reset" ? "if-sound" : false;
  await using plane = await openControlPlane(context, { definitions });
  if (action === "list") return await list(terminal, options, plane);
  if (action === "rekey") return await rekey(terminal, options, plane);
  if (name === undefined) throw new MillraceError("USAGE_INVALID", `expected the name of a connection to ${action}`);
  switch (action) {
    case "test":
      return await test(terminal, options, plane, name);
    case "reset":
      return await reset(terminal, options, plane, name);
    case "add":
      return await add(terminal, options, plane, name);
    case "remove":
      return await remove(terminal, options, plane, name);
  }
}

async function list(terminal: Terminal, { json }: ConnectionsOptions, plane: ControlPlane): Promise<ExitCode> {
  const { items } = await plane.call("listConnections", {});
  if (json) {
    terminal.json({ items });
    return exitCodes.ok;
  }
  if (items.length === 0) {
    terminal.note("no connections; declare one under `connections` of millrace.config.ts");
    return exitCodes.ok;
  }
  const columns = [
    { title: "NAME", shrink: true },
    { title: "ADDRESS", shrink: true },
    { title: "AUTH" },
    { title: "FROM" },
    { title: "STATE" },
  ] as const;
  const nowMs = Date.now();
  const rows = items.map((item) => [
    item.connection,
    item.address ?? "",
    item.auth ?? (item.source === null ? "" : "none"),
    item.source ?? "jobs",
    describeState(item, nowMs),
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

async function test(
  terminal: Terminal,
  { url, fresh, json }: ConnectionsOptions,
  plane: ControlPlane,
  name: string,
): Promise<ExitCode> {
  const { answer, error } = await plane.call("testConnection", {
    params: { connection: name },
    body: { url, fresh: fresh === true },
  });
  if (error !== null) {
    const hint = error.hint === null ? {} : { hint: error.hint };
    throw new MillraceError(error.code as ErrorCode, error.message, hint);
  }
  if (answer === null) throw new MillraceError("INTERNAL", "a test has neither an answer nor an error");
  const { address, good, duration_ms: durationMs } = answer;
  if (json) terminal.json({ name, ...answer });
  else terminal.out(`${address}: ${printable(describeAnswer(answer))} in ${formatDuration(durationMs)}`);
  if (!good) terminal.note("that is no good answer, so its breaker is left as it is; `--url` names what is asked for");
  return good ? exitCodes.ok : exitCodes.runFailed;
}

async function reset(
  terminal: Terminal,
  { json }: ConnectionsOptions,
  plane: ControlPlane,
  name: string,
): Promise<ExitCode> {
  const before = (await plane.call("listBreakers", {})).items.find(({ connection }) => connection === name);
  // Without a version, so that it also closes what a run opens anew meanwhile.
  await plane.call("resetBreaker", { params: { connection: name }, body: {} });
  const was = before?.state ?? "closed";
  if (json) terminal.json({ action: "reset", name, was });
  else if (was === "closed") terminal.out(`the breaker of \`${name}\` was closed already`);
  else terminal.out(`closed the breaker of \`${name}\`; runs that waited for it start now`);
  return exitCodes.ok;
}

async function add(
  terminal: Terminal,
  { file, replace, json }: ConnectionsOptions,
  plane: ControlPlane,
  name: string,
): Promise<ExitCode> {
  const declared = parseConnection(file === "-" ? await text(process.stdin) : await readConnection(file));
  const { version } = await plane.call("addConnection", {
    params: { connection: name },
    body: { options: declared, replace: replace === true },
  });
  if (json) terminal.json({ action: "add", name, version });
  else terminal.out(`registered \`${name}\`, version ${version}; its secrets are sealed and not shown again`);
  return exitCodes.ok;
}

async function remove(
  terminal: Terminal,
  { json }: ConnectionsOptions,
  plane: ControlPlane,
  name: string,
): Promise<ExitCode> {
  await plane.call("removeConnection", { params: { connection: name } });
  if (json) terminal.json({ action: "remove", name });
  else terminal.out(`removed \`${name}\``);
  return exitCodes.ok;
}

async function readConnection(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new MillraceError(
      "USAGE_INVALID",
      `expected \`--file\` to be a file that can be read (${code}), got: \`${file}\``,
    );
  }
}

function parseConnection(json: string): JsonValue {
  try {
    return JSON.parse(json) as JsonValue;
  } catch {
    throw new MillraceError("USAGE_INVALID", "expected the connection to be JSON", {
      hint: '{ "http": { "baseUrl": "https://…", "auth": { "bearer": { "env": "TOKEN" } } } }',
    });
  }
}

function describeAnswer({ status, bytes, files, server }: NonNullable<ConnectionTest["answer"]>): string {
  if (status !== null) return `HTTP status ${status}, ${formatCountOf(bytes ?? 0, "byte")}`;
  return files === null ? (server ?? "") : formatCountOf(files, "file");
}

function describeState({ paused_until: pausedUntil, breaker }: Connection, nowMs: number): string {
  if (pausedUntil !== null) {
    const restMs = Math.max(1_000, Date.parse(pausedUntil) - nowMs);
    return `paused for ${formatDuration(Math.ceil(restMs / 1_000) * 1_000)}`;
  }
  return breaker === null || breaker.state === "closed" ? "ok" : `breaker ${breaker.state.replace("_", " ")}`;
}

async function rekey(terminal: Terminal, { json }: ConnectionsOptions, plane: ControlPlane): Promise<ExitCode> {
  const { renewed, current } = await plane.call("rekeyConnections", {});
  if (json) terminal.json({ action: "rekey", renewed, current });
  else terminal.out(`sealed ${formatCountOf(renewed, "secret")} anew; ${current} had the newest key already`);
  return exitCodes.ok;
}
