// Rows of other datasets as values of variables. A token that is not exactly one is found out before anything is sent.
import { createHash } from "node:crypto";
import { quoteIdentifier } from "../../compute/engine.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { VariableValue, Variables } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { parseDuration } from "../../core/duration.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { UnitsContext } from "../../core/job/job-plan.ts";
import { printJson } from "../requests/value-path.ts";
import type { ChangedOnly, InputOptions, Inputs } from "./input-options.ts";

/** A row of an activation. */
export interface Activation {
  readonly key: string;
  /** Says which row it was, where only rows that have changed are wanted. */
  readonly fingerprint?: string;
  /** Until when it may change without a sign, and how often it is looked at from then on. */
  readonly quiet?: { readonly changedAtMs: number; readonly afterMs: number };
  /** Under the name of the input. */
  readonly variables: Variables;
}

export interface ReadInputs {
  /** Values that all units have. */
  readonly variables: Variables;
  /** Absent when no input has that role. */
  readonly activations: readonly Activation[] | undefined;
  readonly secretScopes: readonly string[];
}

/** @throws MillraceError `INPUT_INVALID` for an authentication that is not one row, and a key that is null */
export async function readInputs(ctx: Pick<UnitsContext, "sql" | "data">, inputs: Inputs): Promise<ReadInputs> {
  const variables: Record<string, VariableValue> = {};
  const secretScopes: string[] = [];
  let activations: readonly Activation[] | undefined;
  for (const [name, input] of Object.entries(inputs)) {
    if (input.role === "activation") {
      activations = await readActivation(ctx, name, input);
      continue;
    }
    // these are not read as a whole
    if (input.role !== "authentication") continue;
    secretScopes.push(name);
    variables[name] = await readAuthentication(ctx, name, input);
  }
  return { variables, activations, secretScopes };
}

type Row = Readonly<Record<string, VariableValue>>;

async function readAuthentication(ctx: Pick<UnitsContext, "data">, name: string, input: InputOptions): Promise<Row> {
  const dataset = input.dataset ?? "";
  const rows = (await ctx.data.credentials(dataset)) as Row[];
  const [row] = rows;
  if (row !== undefined && rows.length === 1) return pickFields(row, name, input);
  const count = rows.length === 0 ? "none" : "more than one";
  throw new MillraceError("INPUT_INVALID", `expected input \`${name}\` to have exactly one row, got: ${count}`, {
    hint: `run the job that publishes dataset \`${toDatasetName(input.dataset ?? "")}\`, and have it replace its rows`,
  });
}

function pickFields(row: Row, name: string, { fields }: InputOptions): Row {
  if (fields === undefined) return row;
  return Object.fromEntries(
    fields.map((field) => {
      if (Object.hasOwn(row, field)) return [field, row[field] ?? null];
      throw new MillraceError(
        "INPUT_INVALID",
        `input \`${name}\` has no column \`${field}\`${suggest(field, Object.keys(row))}`,
        {
          hint: "name columns of the dataset in `fields`",
        },
      );
    }),
  );
}

async function readActivation(
  ctx: Pick<UnitsContext, "sql">,
  name: string,
  input: InputOptions,
): Promise<readonly Activation[]> {
  const { key = literalKey, changedOnly = false } = input;
  const rows = input.values?.map(toRow) ?? (await select(ctx, input, ` ORDER BY ${quoteIdentifier(key)}`));
  const groups = Map.groupBy(rows, (row) => toKey(row[key], name, key));
  return Array.from(groups, ([text, [first = {}, ...others]]) => ({
    key: text,
    variables: { [name]: first },
    ...(changedOnly === false ? {} : { fingerprint: fingerprint([first, ...others], changedOnly, name) }),
    ...(typeof changedOnly === "object" ? quietOf([first, ...others], changedOnly, name) : {}),
  }));
}

/** The column of texts and numbers. */
const literalKey = "value";

function toRow(value: NonNullable<InputOptions["values"]>[number]): Row {
  return typeof value === "object" ? value : { [literalKey]: value };
}

function toKey(value: VariableValue | undefined, name: string, key: string): string {
  if (value === null || value === undefined || value === "") {
    throw new MillraceError("INPUT_INVALID", `input \`${name}\` has a row without a value in its key \`${key}\``, {
      hint: "a row without a key is no unit; leave such rows out of the dataset",
    });
  }
  return typeof value === "object" ? printJson(value) : String(value);
}

/** Of all rows with one key, in whatever order and however often they come. */
function fingerprint(rows: readonly Row[], changedOnly: true | ChangedOnly, name: string): string {
  const texts = rows.map((row) => {
    if (changedOnly === true)
      return printJson(Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))));
    const value = row[changedOnly.field];
    if (value !== undefined) return printJson(value);
    throw new MillraceError("INPUT_INVALID", `input \`${name}\` has no column \`${changedOnly.field}\``, {
      hint: "name a column of the dataset in `changedOnly`",
    });
  });
  return createHash("sha256")
    .update([...new Set(texts)].toSorted().join("\n"))
    .digest("hex")
    .slice(0, 32);
}

/** By the newest row of a key; one without an instant has long been quiet. @throws MillraceError `INPUT_INVALID` */
function quietOf(rows: readonly Row[], { field, quietAfter }: ChangedOnly, name: string): Pick<Activation, "quiet"> {
  if (quietAfter === undefined) return {};
  const instants = rows.flatMap((row) => {
    const value: unknown = row[field];
    if (value === null) return [];
    const atMs = value instanceof Date || typeof value === "string" ? new Date(value).getTime() : Number.NaN;
    if (!Number.isNaN(atMs)) return [atMs];
    const message = `expected column \`${field}\` of input \`${name}\` to have instants, got: \`${printJson(row[field] ?? null)}\``;
    throw new MillraceError("INPUT_INVALID", message, { hint: "`quietAfter` counts from it; name another column" });
  });
  return { quiet: { changedAtMs: Math.max(0, ...instants), afterMs: parseDuration(quietAfter) } };
}

async function select(ctx: Pick<UnitsContext, "sql">, input: InputOptions, end: string): Promise<Row[]> {
  const dataset = toDatasetName(input.dataset ?? "");
  const { fields, key, changedOnly } = input;
  const needed = [key, typeof changedOnly === "object" ? changedOnly.field : undefined];
  const names =
    fields === undefined ? [] : [...new Set([...fields, ...needed.filter((column) => column !== undefined)])];
  const list = names.length === 0 ? "*" : names.map(quoteIdentifier).join(", ");
  return (await ctx.sql(`SELECT ${list} FROM ${quoteIdentifier(dataset)}${end}`, [dataset])) as Row[];
}
