// Where a Postgres database is. What definitions and records have of it holds no secret: the name of a variable of the environment, or
// an address without a password, which the driver then takes from `PGPASSWORD` or `~/.pgpass`.
import { MillraceError } from "../../core/errors/errors.ts";
import { readVariable } from "../variables.ts";

/** As it is written in a definition: `env:WAREHOUSE_URL`, `postgresql://user@host/db`, or the latter with `jdbc:` before it. */
export type PostgresName = string;

/** What is wrong with a name, as what would be expected; nothing for a name that can be used. */
export function findNameFault(name: PostgresName): string | undefined {
  if (/^env:[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
  const url = parseUrl(name);
  if (url === undefined) return "`env:` and the name of a variable, or an address such as `postgresql://user@host/db`";
  const isSecret = url.password !== "" || url.searchParams.has("password");
  return isSecret ? "an address without a password, or `env:` and the name of a variable that holds it all" : undefined;
}

/** A name for a message, which must not have the password that it should not have. */
export function maskName(name: PostgresName): string {
  return name.replace(/(:\/\/[^/]*?:)[^/]*@/, "$1***@").replace(/(password=)[^&]*/, "$1***");
}

/** The address with all that the driver needs. @throws MillraceError `CONFIG_INVALID` */
export function resolveAddress(name: PostgresName): string {
  if (!name.startsWith("env:")) return withoutJdbc(name);
  const variable = name.slice("env:".length);
  const value = readVariable(variable);
  if (parseUrl(value) !== undefined) return withoutJdbc(value);
  throw new MillraceError(
    "CONFIG_INVALID",
    `the environment variable \`${variable}\` is no address of a Postgres database`,
    {
      hint: "for example `postgresql://user:password@host:5432/database`",
    },
  );
}

/** Where a database is, for people. */
export function describeAddress(name: PostgresName): string {
  if (name.startsWith("env:")) return name;
  const { hostname, port, pathname } = parseUrl(name) ?? { hostname: "postgres", port: "", pathname: "" };
  return `${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

function parseUrl(text: string): URL | undefined {
  const url = URL.parse(withoutJdbc(text)) ?? undefined;
  return url?.protocol === "postgresql:" || url?.protocol === "postgres:" ? url : undefined;
}

/** JDBC has user and password as parameters. */
function withoutJdbc(text: string): string {
  if (!text.startsWith("jdbc:")) return text;
  const url = URL.parse(text.slice("jdbc:".length));
  if (url === null) return text;
  for (const [parameter, part] of [
    ["user", "username"],
    ["password", "password"],
  ] as const) {
    const value = url.searchParams.get(parameter);
    if (value === null) continue;
    url[part] = value;
    url.searchParams.delete(parameter);
  }
  return url.href;
}
