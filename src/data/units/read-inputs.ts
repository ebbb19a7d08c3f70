// Rows of other datasets as values of variables. A token that is not exactly one is found out before anything is sent.
import { quoteIdentifier } from "../../compute/engine.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { VariableValue, Variables } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import type { InputOptions, Inputs } from "./input-options.ts";

/** A row of an activation. */
export interface Activation {
  readonly key: string;
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
export async function readInputs(ctx: Pick<JobContext, "sql">, inputs: Inputs): Promise<ReadInputs> {
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

async function readAuthentication(ctx: Pick<JobContext, "sql">, name: string, input: InputOptions): Promise<Row> {
  const rows = await select(ctx, input, " LIMIT 2");
  const [row] = rows;
  if (row !== undefined && rows.length === 1) return row;
  const count = rows.length === 0 ? "none" : "more than one";
  throw new MillraceError("INPUT_INVALID", `expected input \`${name}\` to have exactly one row, got: ${count}`, {
    hint: `run the job that publishes dataset \`${toDatasetName(input.dataset)}\`, and have it replace its rows`,
  });
}

async function readActivation(
  ctx: Pick<JobContext, "sql">,
  name: string,
  input: InputOptions,
): Promise<readonly Activation[]> {
  const { key = "" } = input;
  const activations = new Map<string, Activation>();
  for (const row of await select(ctx, input, ` ORDER BY ${quoteIdentifier(key)}`)) {
    const value = row[key];
    if (value === null || value === undefined || value === "") {
      throw new MillraceError("INPUT_INVALID", `input \`${name}\` has a row without a value in its key \`${key}\``, {
        hint: "a row without a key is no unit; leave such rows out of the dataset",
      });
    }
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    if (!activations.has(text)) activations.set(text, { key: text, variables: { [name]: row } });
  }
  return [...activations.values()];
}

async function select(ctx: Pick<JobContext, "sql">, input: InputOptions, end: string): Promise<Row[]> {
  const dataset = toDatasetName(input.dataset);
  const { fields, key } = input;
  const names = fields === undefined ? [] : [...new Set([...fields, ...(key === undefined ? [] : [key])])];
  const list = names.length === 0 ? "*" : names.map(quoteIdentifier).join(", ");
  return (await ctx.sql(`SELECT ${list} FROM ${quoteIdentifier(dataset)}${end}`, [dataset])) as Row[];
}
