// A connection to a database → its address with the password, every secret of which is known to whoever masks what is shown.
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { type DatabaseAddress, type DatabaseKind, requireAddress } from "../database/database-address.ts";
import { resolveSecrets, type SecretSources } from "./resolve-secrets.ts";

/** The kinds that a connection has; one in a connection that makes sense. */
export function listKinds(options: ConnectionOptions): readonly string[] {
  return Object.entries(options).flatMap(([kind, value]) => (value === undefined ? [] : [kind]));
}

/** @throws MillraceError `SECRET_MISSING`, and `CONFIG_INVALID` for another kind of connection or of address */
export async function resolveDatabase(
  name: string,
  connection: ConnectionOptions,
  secrets: SecretSources,
): Promise<DatabaseAddress> {
  const kind: DatabaseKind | undefined =
    connection.postgres === undefined ? (connection.mysql === undefined ? undefined : "mysql") : "postgres";
  const options = connection.postgres ?? connection.mysql;
  if (kind === undefined || options === undefined) throw noDatabase(name, connection);
  const where = `connection \`${name}\``;
  const { url: text, password } = await resolveSecrets(options, where, secrets);
  const address = requireAddress(text, kind, `\`url\` of ${where}`);
  if (password !== undefined) address.url.password = encodeURIComponent(password);
  for (const secret of passwordsOf(address.url)) secrets.onSecret(secret);
  return address;
}

/** The password as it is written in the address and as it is meant. */
function passwordsOf({ password }: URL): readonly string[] {
  return password === "" ? [] : [password, decodeURIComponent(password)];
}

function noDatabase(name: string, options: ConnectionOptions): MillraceError {
  const got = listKinds(options).join(", ");
  return new MillraceError("CONFIG_INVALID", `connection \`${name}\` is no database, got: ${got}`, {
    hint: "declare it with `postgres` or `mysql`",
  });
}
