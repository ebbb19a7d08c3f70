// How sources and targets say which database they mean: by its address or by the name of a connection.
import type { z } from "zod";
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../core/spec/parse-options.ts";
import { type DatabaseKind, type DatabaseName, findNameFault, maskName, nameConnection } from "./database-address.ts";

/** Exactly one of them. */
export interface DatabaseChoice {
  /** `env:WAREHOUSE_URL`: the variable that holds the address; or an address without a password, or with `${env:NAME}` in its place. */
  readonly url?: string;
  /** Name of a connection to a database. */
  readonly connection?: string;
}

/** The shape of a spec of `DatabaseChoice`. @param what such as `a Postgres database` */
export function choiceShape(what: string): {
  readonly url: z.ZodOptional<z.ZodString>;
  readonly connection: z.ZodOptional<z.ZodString>;
} {
  return {
    url: optional(text("`env:` and the name of a variable, or an address")).describe(
      `${what}: \`env:WAREHOUSE_URL\`, where the variable holds the address; or an address without a password, or with \`\${env:NAME}\` in its place`,
    ),
    connection: optional(text("the name of a connection")).describe(
      "instead of `url`: a [connection](connections.md#databases) to the database",
    ),
  };
}

/** @throws MillraceError `JOB_INVALID` for an address with a password, and for neither or both */
export function assertChoice(
  where: string,
  path: OptionPath,
  { url, connection }: DatabaseChoice,
  kinds: readonly DatabaseKind[],
): void {
  if ((url === undefined) === (connection === undefined)) {
    const got = url === undefined ? "neither" : "both";
    throw refusal(where, path, "either the `url` or the `connection` of a database", got);
  }
  const fault = url === undefined ? undefined : findNameFault(url, kinds);
  if (url !== undefined && fault !== undefined) throw refusal(where, [...path, "url"], fault, maskName(url));
}

/** What a choice is called from then on, also in records. */
export function toDatabaseName({ url, connection }: DatabaseChoice): DatabaseName {
  return connection === undefined ? (url ?? "") : nameConnection(connection);
}

/** The connections that a choice goes through, whose breakers concern the job. */
export function listChosenConnections({ connection }: DatabaseChoice): readonly string[] {
  return connection === undefined ? [] : [connection];
}
