// `millrace token`: who may talk to the server.
import type { TokenView } from "../../../api/session.ts";
import { type Role, roles } from "../../../api/role.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatWhen } from "../../print/format-time.ts";
import { formatTable } from "../../print/table.ts";

export interface TokenOptions {
  readonly role: string;
  readonly expires?: string;
  readonly json?: true;
}

export type TokenAction = "list" | "create" | "revoke";

/** `create <name>` prints the secret on stdout, this once; `revoke <id>`. @throws MillraceError `THING_UNKNOWN` | `USAGE_INVALID` */
export async function token(
  context: CommandContext,
  options: TokenOptions,
  action: TokenAction,
  name: string | undefined,
): Promise<ExitCode> {
  if (action === "list") return list(context, options);
  if (name === undefined) {
    const wanted =
      action === "create" ? "a name for the token, such as `ci`" : "the id of a token; `millrace token` lists them";
    throw new MillraceError("USAGE_INVALID", `expected ${wanted}`);
  }
  return action === "create" ? create(context, options, name) : revoke(context, options, name);
}

async function create(context: CommandContext, options: TokenOptions, name: string): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: false });
  const body = {
    name,
    role: toRole(options.role),
    ...(options.expires === undefined ? {} : { expires_in: options.expires }),
  };
  const created = await plane.call("createToken", { body });
  if (options.json) terminal.json(created, { masks: false });
  else terminal.out(created.secret);
  terminal.note(
    `a token for ${created.role}s, valid until ${created.expires_at ?? "it is revoked"}; it is not shown again`,
  );
  return exitCodes.ok;
}

async function revoke(context: CommandContext, { json }: TokenOptions, id: string): Promise<ExitCode> {
  await using plane = await openControlPlane(context, { definitions: false });
  await plane.call("revokeToken", { params: { token_id: id } });
  if (json) context.terminal.json({ action: "revoke", token_id: id });
  else context.terminal.out(`revoked ${id}`);
  return exitCodes.ok;
}

async function list(context: CommandContext, { json }: TokenOptions): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: false });
  const { items } = await plane.call("listTokens", {});
  if (json) {
    terminal.json({ items });
    return exitCodes.ok;
  }
  if (items.length === 0) terminal.note("no tokens; `millrace token create <name> --role viewer` makes one");
  const columns = [
    { title: "ID" },
    { title: "NAME", shrink: true },
    { title: "ROLE" },
    { title: "STATE" },
    { title: "USED" },
  ] as const;
  const nowMs = Date.now();
  const rows = items.map((each) => [
    each.token_id,
    each.name,
    each.role,
    describeState(each, nowMs),
    describeUse(each, nowMs),
  ]);
  if (rows.length > 0) for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  return exitCodes.ok;
}

function describeState({ revoked_at, expires_at }: TokenView, nowMs: number): string {
  if (revoked_at !== null) return "revoked";
  if (expires_at === null) return "valid";
  const expiresAtMs = Date.parse(expires_at);
  return expiresAtMs <= nowMs ? "expired" : `valid until ${formatWhen(expiresAtMs, nowMs)}`;
}

function describeUse({ last_used_at }: TokenView, nowMs: number): string {
  return last_used_at === null ? "never" : formatWhen(Date.parse(last_used_at), nowMs);
}

function toRole(text: string): Role {
  const role = roles.find((known) => known === text);
  if (role !== undefined) return role;
  throw new MillraceError("USAGE_INVALID", `unknown role \`${text}\`${suggest(text, roles)}`, {
    hint: `roles: ${roles.join(", ")}; each may do what those before it may`,
  });
}
