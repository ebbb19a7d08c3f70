// From the JDBC address and the properties of a configuration to the database as sources and targets name it. No secret passes:
// the name has the reference to the password, which is followed when a session begins.
import {
  type DatabaseKind,
  findNameFault,
  knownDatabases,
  maskName,
  parseAddress,
} from "../../connections/database/database-address.ts";
import type { DatabaseChoice } from "../../connections/database/database-choice.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { StrategyPlace } from "../strategy.ts";
import { type JdbcOptions, type JdbcProperties, reference } from "./jdbc-options.ts";

/** What is wanted of an address. */
export interface WantedDatabase {
  readonly kinds: readonly DatabaseKind[];
  /** An address, for messages. */
  readonly example: string;
}

/** The database. @throws MillraceError `JOB_INVALID` naming the key */
export function toDatabaseChoice(options: JdbcOptions, wanted: WantedDatabase, place: StrategyPlace): DatabaseChoice {
  const { jdbc_url: address, connection, properties } = options;
  const { where, path } = place;
  if ((address === undefined) === (connection === undefined)) {
    const got = address === undefined ? "neither" : "both";
    throw refusal(where, path, "given either a `jdbc_url` or a `connection`", got);
  }
  const variable = address === undefined ? undefined : reference.exec(address)?.[1];
  if (address !== undefined && variable === undefined) return { url: toUrl(address, properties ?? {}, wanted, place) };
  if (properties !== undefined) {
    const expected = "left out beside a whole address, which has them";
    throw refusal(where, [...path, "properties"], expected, Object.keys(properties).join(", "));
  }
  return connection === undefined ? { url: `env:${variable}` } : { connection };
}

function toUrl(
  text: string,
  properties: JdbcProperties,
  { kinds, example }: WantedDatabase,
  place: StrategyPlace,
): string {
  const { where, path } = place;
  const address = text.startsWith("jdbc:") ? parseAddress(text) : undefined;
  if (address === undefined || !kinds.includes(address.kind) || address.url.hostname === "") {
    throw refusal(where, [...path, "jdbc_url"], `an address such as \`${example}\``, maskName(text));
  }
  const { kind, url } = address;
  assertParameters(text, url, kind, place);
  assertDriver(properties, kind, place);
  if (properties.user !== undefined) url.username = encodeURIComponent(properties.user);
  if (properties.password !== undefined) url.password = encodeURIComponent(properties.password);
  const mode = properties.sslmode ?? (String(properties.ssl) === "true" ? strictest[kind] : undefined);
  if (mode !== undefined) url.searchParams.set("sslmode", mode);
  const fault = findNameFault(url.href, kinds);
  if (fault !== undefined) throw refusal(where, [...path, "jdbc_url"], fault, maskName(text));
  return url.href;
}

/** What `ssl` alone means to the drivers of each. */
const strictest: Readonly<Record<DatabaseKind, string>> = { postgres: "verify-full", mysql: "required" };

/** Those that sessions know. A parameter that changes nothing would seem to have been heard. */
const parameters: Readonly<Record<DatabaseKind, readonly string[]>> = {
  postgres: ["sslmode"],
  mysql: ["sslmode", "sslMode", "ssl-mode", "useSSL"],
};

function assertParameters(text: string, url: URL, kind: DatabaseKind, { where, path }: StrategyPlace): void {
  const known = [...parameters[kind], "password"];
  const unknown = [...url.searchParams.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const names = ["user", ...parameters[kind]].map((name) => `\`${name}\``).join(", ");
  const expected = `an address with no other parameters than ${names}, without \`${unknown}\``;
  throw refusal(where, [...path, "jdbc_url"], expected, maskName(text));
}

function assertDriver({ driver }: JdbcProperties, kind: DatabaseKind, { where, path }: StrategyPlace): void {
  if (driver === undefined || drivers[kind].test(driver)) return;
  const { title } = knownDatabases[kind];
  throw refusal(where, [...path, "properties", "driver"], `a driver of ${title}, as the address is`, driver);
}

const drivers: Readonly<Record<DatabaseKind, RegExp>> = {
  postgres: /^org\.postgresql\.|^com\.amazon\.redshift\./,
  mysql: /^com\.mysql\.|^org\.mariadb\./,
};
