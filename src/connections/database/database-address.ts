// Where a database is. What definitions and records have of it holds no secret: the name of a variable of the environment or of a
// connection, or an address without a password.
import { MillraceError } from "../../core/errors/errors.ts";

/**
 * As it is written in a definition: `env:WAREHOUSE_URL`, `connection:warehouse`, `postgresql://user@host/db`, the latter with
 * `jdbc:` before it, or `postgresql://user:${env:NAME}@host/db`.
 */
export type DatabaseName = string;

/** Whose protocol a database speaks. */
export type DatabaseKind = "postgres" | "mysql";

interface KnownDatabase {
  /** What people call it. */
  readonly title: string;
  readonly protocols: readonly string[];
  /** An address for hints. */
  readonly example: string;
}

export const knownDatabases: Readonly<Record<DatabaseKind, KnownDatabase>> = {
  postgres: {
    title: "Postgres",
    protocols: ["postgresql:", "postgres:"],
    example: "postgresql://user:password@host:5432/database",
  },
  mysql: { title: "MySQL", protocols: ["mysql:", "mariadb:"], example: "mysql://user:password@host:3306/database" },
};

/** The name of a connection as that of its database. */
export function nameConnection(name: string): DatabaseName {
  return `${connectionMark}${name}`;
}

/** The connection that a name means, if it means one. */
export function findConnectionName(name: DatabaseName): string | undefined {
  return name.startsWith(connectionMark) ? name.slice(connectionMark.length) : undefined;
}

const connectionMark = "connection:";

/** The variable that a name means, if it means one. */
export function findVariableName(name: DatabaseName): string | undefined {
  return /^env:(.*)$/.exec(name)?.[1];
}

/**
 * What is wrong with an address or a variable in a definition, as what would be expected; nothing for a name that can be used.
 * @param kinds which databases may be meant
 */
export function findNameFault(name: DatabaseName, kinds: readonly DatabaseKind[]): string | undefined {
  if (/^env:[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
  const address = parseAddress(name);
  if (address === undefined || !kinds.includes(address.kind)) {
    const examples = kinds.map((kind) => `\`${knownDatabases[kind].example.replace(":password", "")}\``).join(" or ");
    return `\`env:\` and the name of a variable, or an address such as ${examples}`;
  }
  return hasPassword(address.url)
    ? "an address without a password or with `${env:NAME}` in its place, or `env:` and the name of a variable that holds it all"
    : undefined;
}

/** A name for a message, which must not have the password that it should not have. */
export function maskName(name: DatabaseName): string {
  return name.replace(/(:\/\/[^/]*?:)[^/]*@/, "$1***@").replace(/(password=)[^&]*/, "$1***");
}

/** An address that a driver takes. */
export interface DatabaseAddress {
  readonly kind: DatabaseKind;
  readonly url: URL;
}

/** Whether a database is MySQL or MariaDB; otherwise it is Postgres. */
export function isMysql({ kind }: Pick<DatabaseAddress, "kind">): boolean {
  return kind === "mysql";
}

/** Understands addresses with and without `jdbc:`; nothing for what is none. */
export function parseAddress(text: string): DatabaseAddress | undefined {
  const url = text.startsWith("jdbc:") ? parseJdbc(text) : URL.parse(text);
  if (url === null) return undefined;
  const kind = databaseKinds.find((known) => knownDatabases[known].protocols.includes(url.protocol));
  return kind === undefined ? undefined : { kind, url };
}

export const databaseKinds = Object.keys(knownDatabases) as readonly DatabaseKind[];

/** Whether an address holds a password itself, and not only the name of the variable that does. */
function hasPassword(url: URL): boolean {
  const isTold = url.password !== "" && findPasswordVariable(url) === undefined;
  return isTold || url.searchParams.has("password");
}

/** The variable that `${env:NAME}` in the place of a password names. */
export function findPasswordVariable({ password }: URL): string | undefined {
  return /^(?:\$|%24)%7Benv(?::|%3A)([A-Za-z_]\w*)%7D$/i.exec(password)?.[1];
}

/** Where a database is, for people. */
export function describeAddress(name: DatabaseName): string {
  if (findVariableName(name) !== undefined || findConnectionName(name) !== undefined) return name;
  const address = parseAddress(name);
  return address === undefined ? "a database" : describeUrl(address.url);
}

/** Host and database. */
export function describeUrl({ hostname, port, pathname }: URL): string {
  return `${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

/** @param where the address is, for the message, which does not tell it. @throws MillraceError `CONFIG_INVALID` */
export function requireAddress(text: string, kind: DatabaseKind | undefined, where: string): DatabaseAddress {
  const address = parseAddress(text);
  if (address !== undefined && (kind === undefined || address.kind === kind)) return address;
  const { title, example } = kind === undefined ? { title: "SQL", ...anyDatabase } : knownDatabases[kind];
  throw new MillraceError("CONFIG_INVALID", `${where} is no address of a ${title} database`, {
    hint: `for example \`${example}\``,
  });
}

const anyDatabase = { example: `${knownDatabases.postgres.example}\` or \`${knownDatabases.mysql.example}` };

/** JDBC has user and password as parameters. */
function parseJdbc(text: string): URL | null {
  const url = URL.parse(text.slice("jdbc:".length));
  for (const [parameter, part] of [
    ["user", "username"],
    ["password", "password"],
  ] as const) {
    const value = url?.searchParams.get(parameter) ?? undefined;
    if (url === null || value === undefined) continue;
    url[part] = value;
    url.searchParams.delete(parameter);
  }
  return url;
}
