// Defines how a configuration names a database: by its JDBC address and properties, or by a connection of the project.
import { z } from "zod";
import { concealing, expecting, optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

/** What a driver is told beside the address. */
export interface JdbcProperties {
  readonly user?: string;
  /** `${env:NAME}`: a configuration is kept with its run, and so is never given the password itself. */
  readonly password?: string;
  /** The class of a driver; it must be of the database that the address names. */
  readonly driver?: string;
  /** Rows stream as fast as they are taken, whatever is said here. */
  readonly fetchsize?: string | number;
  /** Rows stream as fast as they are taken, whatever is said here. */
  readonly batchsize?: string | number;
  /** Default false. */
  readonly ssl?: string | boolean;
  readonly sslmode?: string;
}

/** Exactly one of `jdbc_url` and `connection`. */
export interface JdbcOptions {
  /** `jdbc:postgresql://host:5432/database`, or `${env:NAME}` for a variable that holds the whole address. */
  readonly jdbc_url?: string;
  /** Name of a connection of the project. */
  readonly connection?: string;
  readonly properties?: JdbcProperties;
}

/** The text that stands for a variable of the environment. */
export const reference: RegExp = /^\$\{env:([A-Za-z_]\w*)\}$/;

export const jdbcPropertiesSpec: Spec<JdbcProperties> = defineSpec<JdbcProperties>()(() => ({
  user: optional(text(), "that of the address").describe("who connects"),
  password: optional(
    concealing(expecting("a reference such as `${env:WAREHOUSE_PASSWORD}`", z.string().regex(reference))),
  ).describe("`${env:NAME}`: a configuration is kept with its run, and so is never given the password itself"),
  driver: optional(text("the name of a class")).describe(
    "the class of a driver, which must be of the database that the address names; no driver is loaded",
  ),
  fetchsize: optional(count()).describe("taken and not needed: rows stream as fast as they are taken"),
  batchsize: optional(count()).describe("taken and not needed: rows stream as fast as they are taken"),
  ssl: optional(flag(), "`false`").describe("`true` encrypts, and asks Postgres for its certificate"),
  sslmode: optional(text("a mode of TLS"), "that of the address").describe(
    "`disable`, `require`, `verify-ca` or `verify-full`",
  ),
}));

/** The shape of a spec of `JdbcOptions`. @param example of an address */
export function jdbcShape(example: string): {
  readonly jdbc_url: z.ZodOptional<z.ZodString>;
  readonly connection: z.ZodOptional<z.ZodString>;
  readonly properties: z.ZodOptional<typeof jdbcPropertiesSpec.schema>;
} {
  return {
    jdbc_url: optional(text(`an address such as \`${example}\``)).describe(
      `\`${example}\`, or \`\${env:NAME}\` for a variable that holds the whole address`,
    ),
    connection: optional(text("the name of a connection")).describe(
      "instead of `jdbc_url`: a [connection](connections.md#databases) to the database",
    ),
    properties: optional(jdbcPropertiesSpec.schema).describe("what a driver is told beside the address"),
  };
}

function count(): z.ZodType<string | number, string | number> {
  return expecting("a whole number", z.union([z.string().regex(/^\d+$/), z.int().min(0)]));
}

function flag(): z.ZodType<string | boolean, string | boolean> {
  return expecting("`true` or `false`", z.union([z.enum(["true", "false"]), z.boolean()]));
}
