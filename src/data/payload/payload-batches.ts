// The rows that requests carry, cut into batches while they are read. Rows come in an order that their values alone decide, so
// that every attempt makes the same batches, and memory follows one batch and not the dataset.
import { type Column, type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import type { PayloadReading } from "../../core/dataset/source.ts";
import type { VariableValue } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { DatasetLookup } from "../datasets/dataset-catalog.ts";
import type { OpenDatasetOptions } from "../datasets/dataset-relation.ts";
import { openDataset } from "../datasets/open-dataset.ts";
import { printJson } from "../requests/value-path.ts";
import { defineRows } from "../table-rows.ts";
import { printCsv, printNdjson } from "./payload-texts.ts";
import { createPayloadReader, type PayloadRow } from "./payload-values.ts";

/** Names of a batch's variables beside its group keys. */
export const payloadVariables = ["rows", "row", "number", "count", "ndjsonText", "csvText"] as const;

/** Rows that go into one request. */
export interface PayloadBatch {
  /** From 1, over all groups. */
  readonly number: number;
  /** `rows`, `number`, `count`, the values of the group, … */
  readonly variables: Readonly<Record<string, VariableValue | undefined>>;
}

export interface ReadBatchesInput extends OpenDatasetOptions {
  readonly session: EngineSession;
  readonly catalog: DatasetLookup;
  readonly signal: AbortSignal;
}

/**
 * The batches in their order; none is empty, and none has rows of two groups. The session answers nothing else meanwhile.
 * @throws MillraceError `INPUT_INVALID` for a column that is not there and a group without a value, `DATASET_UNKNOWN`, `VALUE_INVALID`
 *   for a version that is gone
 */
export async function* readBatches(payload: PayloadReading, input: ReadBatchesInput): AsyncGenerator<PayloadBatch> {
  const { dataset, version, batch, by } = payload;
  await defineRows(input.session, view, await openDataset(input.session, input.catalog, { dataset, version }, input));
  const columns = await input.session.describe(`SELECT * FROM ${view}`);
  const sent = chooseColumns(payload, columns);
  const read = createPayloadReader(columns, payload.name);
  const collector = new BatchCollector(sent);
  for await (const rows of input.session.stream(sortedSql(payload, columns), { signal: input.signal })) {
    for (const row of rows) {
      const values = read(row);
      const group = Object.fromEntries(by.map((name) => [name, values[name] ?? null]));
      assertGroup(payload, group);
      if (!collector.fits(group, batch)) yield collector.take();
      collector.add(group, values);
    }
  }
  if (!collector.isEmpty) yield collector.take();
}

const view = "_millrace_payload";

/** Collects the rows of one batch. */
class BatchCollector {
  readonly #columns: readonly string[];
  #rows: PayloadRow[] = [];
  #group: PayloadRow = {};
  #key = "";
  #number = 0;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  fits(group: PayloadRow, most: number): boolean {
    return this.isEmpty || (this.#rows.length < most && printJson(group) === this.#key);
  }

  add(group: PayloadRow, row: PayloadRow): void {
    [this.#group, this.#key] = [group, printJson(group)];
    this.#rows.push(Object.fromEntries(this.#columns.map((name) => [name, row[name] ?? null])));
  }

  take(): PayloadBatch {
    this.#number += 1;
    const [rows, columns, number] = [this.#rows, this.#columns, this.#number];
    this.#rows = [];
    const [row] = rows;
    const variables = {
      ...this.#group,
      rows,
      number,
      count: rows.length,
      ...(rows.length === 1 && row !== undefined ? { row } : {}),
      // made only for a request that sends it
      get ndjsonText(): string {
        return printNdjson(rows);
      },
      get csvText(): string {
        return printCsv(columns, rows);
      },
    };
    return { number, variables };
  }
}

/** Rows that are equal in all columns are the same wherever they stand. */
function sortedSql({ by, order }: PayloadReading, columns: readonly Column[]): string {
  const first = [...new Set([...by, ...order])];
  const rest = columns.map(({ name }) => name).filter((name) => !first.includes(name));
  const keys = [...first, ...rest].map((name) => `${quoteIdentifier(name)} ASC NULLS FIRST`);
  return `SELECT * FROM ${view} ORDER BY ${keys.join(", ")}`;
}

function chooseColumns({ name, by, order, fields }: PayloadReading, columns: readonly Column[]): readonly string[] {
  const known = columns.map((column) => column.name);
  const missing = [...by, ...order, ...(fields ?? [])].find((column) => !known.includes(column));
  if (missing === undefined) return fields ?? known;
  throw new MillraceError("INPUT_INVALID", `input \`${name}\` has no column \`${missing}\`${suggest(missing, known)}`, {
    hint: `its columns: ${known.join(", ")}`,
  });
}

function assertGroup({ name }: PayloadReading, group: PayloadRow): void {
  const empty = Object.keys(group).find((column) => group[column] === null || group[column] === "");
  if (empty === undefined) return;
  throw new MillraceError(
    "INPUT_INVALID",
    `input \`${name}\` has a row without a value in \`${empty}\` of its \`by\``,
    {
      hint: "a row without a group goes into no request; leave such rows out of the dataset",
    },
  );
}
