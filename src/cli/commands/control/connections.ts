// `millrace connections`: the services that jobs talk to. What is registered goes in sealed and is never shown again.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import {
  addConnection,
  type ConnectionControlOptions,
  type ConnectionSummary,
  listConnections,
  isDatabase,
  tryConnection,
  tryDatabase,
} from "../../../app/connection-control.ts";
import { formatDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { createSystemClock } from "../../../platforms/local/system-clock.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatTable } from "../../print/table.ts";

export interface ConnectionsOptions {
  readonly url: string;
  readonly file: string;
  readonly replace?: true;
  readonly json?: true;
}

export type ConnectionsAction = "list" | "test" | "add" | "remove";

/** Needs the project, its store and the secrets of this environment. @throws MillraceError `USAGE_INVALID` | `CONNECTION_UNKNOWN` */
export async function connections(
  context: CommandContext,
  options: ConnectionsOptions,
  action: ConnectionsAction,
  name: string | undefined,
): Promise<ExitCode> {
  const { environment } = context;
  await using app = await context.openApp({ definitions: false });
  const { project, store } = app;
  // Nothing that is printed here is made of what a service answers or of what is under a seal.
  const onSecret = (): void => undefined;
  const control: ConnectionControlOptions = { project, store, environment, clock: createSystemClock(), onSecret };
  if (action === "list") return await list(context, options, control);
  if (name === undefined) throw new MillraceError("USAGE_INVALID", `expected the name of a connection to ${action}`);
  switch (action) {
    case "test":
      return await test(context, options, control, name);
    case "add":
      return await add(context, options, control, name);
    case "remove":
      return await remove(context, options, control, name);
  }
}

async function list(
  { terminal }: CommandContext,
  { json }: ConnectionsOptions,
  control: ConnectionControlOptions,
): Promise<ExitCode> {
  const items = await listConnections(control);
  if (json) {
    terminal.json({ items: items.map(toView) });
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
  const rows = items.map((item) => [item.name, item.address, item.auth ?? "none", item.from, describeState(item)]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

async function test(
  { terminal }: CommandContext,
  { url, json }: ConnectionsOptions,
  control: ConnectionControlOptions,
  name: string,
): Promise<ExitCode> {
  if (await isDatabase(control, name)) return await testDatabase(terminal, json, control, name);
  const { address, isGood, outcome, durationMs } = await tryConnection(control, name, url);
  const came = "files" in outcome ? `${outcome.files} files` : `HTTP status ${outcome.status}, ${outcome.bytes} bytes`;
  if (json) terminal.json({ name, ...outcome, address, duration_ms: durationMs });
  else terminal.out(`${address}: ${came} in ${formatDuration(durationMs)}`);
  return isGood ? exitCodes.ok : exitCodes.runFailed;
}

async function testDatabase(
  terminal: CommandContext["terminal"],
  json: true | undefined,
  control: ConnectionControlOptions,
  name: string,
): Promise<ExitCode> {
  const { kind, address, server, durationMs } = await tryDatabase(control, name);
  if (json) terminal.json({ name, kind, address, server, duration_ms: durationMs });
  else terminal.out(`${address}: ${server} in ${formatDuration(durationMs)}`);
  return exitCodes.ok;
}

async function add(
  { terminal, environment }: CommandContext,
  { file, replace, json }: ConnectionsOptions,
  control: ConnectionControlOptions,
  name: string,
): Promise<ExitCode> {
  const content = file === "-" ? await text(process.stdin) : await readConnection(file);
  const version = await addConnection(control, name, content, {
    by: environment.user,
    replace: replace === true,
  });
  if (json) terminal.json({ action: "add", name, version });
  else terminal.out(`registered \`${name}\`, version ${version}; its secrets are sealed and not shown again`);
  return exitCodes.ok;
}

async function remove(
  { terminal }: CommandContext,
  { json }: ConnectionsOptions,
  { store }: ConnectionControlOptions,
  name: string,
): Promise<ExitCode> {
  if (!(await store.removeConnection(name))) {
    throw new MillraceError("CONNECTION_UNKNOWN", `no connection is registered as \`${name}\``, {
      hint: "`millrace connections` lists them; those of the configuration are removed there",
    });
  }
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

function describeState({ blockedMs, breaker }: ConnectionSummary): string {
  if (blockedMs > 0) return `paused for ${formatDuration(Math.ceil(blockedMs / 1_000) * 1_000)}`;
  return breaker === "closed" ? "ok" : `breaker ${breaker.replace("_", " ")}`;
}

function toView({ name, address, auth, from, blockedMs, breaker }: ConnectionSummary): object {
  return { name, address, auth: auth ?? null, from, blocked_ms: blockedMs, breaker };
}
