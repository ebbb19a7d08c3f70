// A table in Amazon Redshift, which reads the rows out of a bucket.
import { z } from "zod";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { toDatabaseChoice, type WantedDatabase } from "../jdbc/jdbc-address.ts";
import { type JdbcOptions, jdbcShape } from "../jdbc/jdbc-options.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";
import { splitTable } from "./split-table.ts";

export interface RedshiftLoading extends JdbcOptions {
  readonly table?: string;
  /** Where rows lie until the cluster has read them. */
  readonly staging: { readonly connection: string; readonly path?: string };
  readonly iam_role?: string;
}

const wanted: WantedDatabase = { kinds: ["postgres"], example: "jdbc:redshift://host:5439/database" };

const options: Spec<RedshiftLoading> = defineSpec<RedshiftLoading>()(() => ({
  ...jdbcShape(wanted.example),
  table: optional(text("the name of a table"), "the name of the dataset").describe(
    "table, `promos` or `sales.promos` with its schema; both are made when they are missing",
  ),
  staging: expecting(
    "an object with `connection`",
    z.strictObject({ connection: text("the name of a connection"), path: optional(text("a key")) }),
  ).describe("the bucket that the cluster reads, a connection of the kind `s3`, and the key below which files lie"),
  iam_role: optional(text("the ARN of a role"), "the keys of the bucket").describe(
    "what the cluster reads the bucket with: the ARN of a role, or `default`",
  ),
}));

export const redshift: Described<LoaderStrategy<RedshiftLoading>, RedshiftLoading> = {
  name: "REDSHIFT",
  summary: "a table in Amazon Redshift: files in a bucket, a manifest, and `COPY`",
  options,
  toTarget({ table, staging, iam_role: iamRole, jdbc_url: url, ...database }, place) {
    const address = url === undefined ? {} : { jdbc_url: toProtocol(url) };
    const choice = toDatabaseChoice({ ...database, ...address }, wanted, place);
    return {
      redshift: { ...choice, ...splitTable(table), staging, ...(iamRole === undefined ? {} : { iamRole }) },
    };
  },
};

/** It speaks the protocol of Postgres at a port of its own. */
function toProtocol(address: string): string {
  if (!address.startsWith("jdbc:redshift:")) return address;
  const url = URL.parse(address.replace("jdbc:redshift:", "postgresql:"));
  if (url === null) return address;
  if (url.port === "") url.port = "5439";
  return `jdbc:${url.href}`;
}
