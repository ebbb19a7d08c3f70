// What an output says of a table in Amazon Redshift.
import { z } from "zod";
import { assertChoice, choiceShape, type DatabaseChoice } from "../../../connections/database/database-choice.ts";
import { redshiftProtocol } from "../../../connections/postgres/postgres-server.ts";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { choice, integer, text, texts } from "../../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { assertFreeName } from "../table-options.ts";
import { maxNameBytes } from "./redshift-text.ts";

/** A table in Amazon Redshift; schema and table are made when they are missing. */
export interface RedshiftOptions extends DatabaseChoice, TableLayout {
  /** Default `public`. */
  readonly schema?: string;
  /** Default: the name of the dataset. */
  readonly table?: string;
  readonly staging: RedshiftStaging;
  /** What the cluster reads the bucket with: the ARN of a role, or `default` for that of the cluster. Default: the keys of the bucket. */
  readonly iamRole?: string;
}

/** Where rows lie until the cluster has read them. */
export interface RedshiftStaging {
  /** Of the kind `s3`. */
  readonly connection: string;
  /** Key that the files are below. Default `millrace-staging`. */
  readonly path?: string;
}

/** How a table that is made lies on the nodes of a cluster; a table that is there stays as it is. */
export interface TableLayout {
  /** Bytes that a new column of text has room for. Default 65535. */
  readonly textBytes?: number;
  /** Default: the server's choice. */
  readonly distStyle?: "all" | "even" | "key";
  /** Column whose values decide where a row lies, for `distStyle: "key"`. */
  readonly distKey?: string;
  /** Columns that rows are sorted by. */
  readonly sortKey?: readonly string[];
}

/** Also of a text that is loaded. */
export const maxTextBytes = 65_535;

export const defaultStagingPath = "millrace-staging";

const stagingSpec: Spec<RedshiftStaging> = defineSpec<RedshiftStaging>()(() => ({
  connection: text("the name of a connection").describe(
    "the bucket, a connection of the kind `s3` in the AWS Region of the cluster",
  ),
  path: text("a key")
    .default(defaultStagingPath)
    .describe("key that the files are below until the cluster has read them"),
}));

export const redshiftSpec: Spec<RedshiftOptions> = defineSpec<RedshiftOptions>()(() => ({
  ...choiceShape("the database"),
  schema: text("the name of a schema").default("public").describe("schema of the table, made when there is none"),
  table: optional(text("the name of a table"), "the name of the dataset").describe("table in the schema"),
  staging: stagingSpec.schema.describe("where rows lie until the cluster has read them"),
  iamRole: optional(role(), "the keys of the bucket").describe(
    "what the cluster reads the bucket with: the ARN of a role, several with commas between them, or `default`",
  ),
  textBytes: integer(1, maxTextBytes).default(maxTextBytes).describe("bytes that a new column of text has room for"),
  distStyle: optional(choice(["all", "even", "key"]), "the server's choice").describe(
    "how rows of a new table lie on the nodes",
  ),
  distKey: optional(text("the name of a column")).describe("column that decides where a row lies, for `key`"),
  sortKey: optional(texts("columns")).describe("columns that rows of a new table are sorted by"),
}));

/** @throws MillraceError `JOB_INVALID` for an address with a password, and for names that Redshift would cut or that are taken */
export function assertRedshiftOptions(
  where: string,
  path: OptionPath,
  options: RedshiftOptions,
  dataset: string,
): void {
  const { schema = "public", table = dataset, distStyle, distKey } = options;
  assertChoice(where, path, options, [redshiftProtocol]);
  for (const [option, name] of Object.entries({ schema, table })) {
    if (name.includes(".") || Buffer.byteLength(name) > maxNameBytes)
      throw refusal(where, [...path, option], `a name without a dot of at most ${maxNameBytes} bytes`, name);
  }
  assertFreeName(where, path, table, ["_millrace", "#"]);
  if ((distStyle === "key") !== (distKey !== undefined)) {
    throw refusal(
      where,
      [...path, "distKey"],
      'a column with `distStyle: "key"`, and left out otherwise',
      distKey ?? "none",
    );
  }
}

function role(): z.ZodString {
  const arn = String.raw`arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+`;
  return expecting(
    "`default` or the ARN of a role, `arn:aws:iam::<account>:role/<name>`",
    z.string().regex(new RegExp(`^(?:default|${arn})$`)),
  );
}
