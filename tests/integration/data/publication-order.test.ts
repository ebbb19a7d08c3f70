// Two runs publish to one table and are interrupted and tried again in every order. A model says what the table must hold: each
// run publishes once, whatever ran in between, and a replace never goes over one of a run that was submitted later.
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "../../../src/compute/engine.ts";
import type { DatasetTargets, DatasetOutput, WriteMode } from "../../../src/core/dataset/dataset.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { PublishResult } from "../../../src/core/job/job-context.ts";
import { deltaRelation, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";
import { DataProject } from "../../support/data/data-project.ts";

type Format = keyof DatasetTargets;

/** How an attempt ends: whole, after the targets have the rows and before the catalog knows, or before any target has them. */
const endings = ["whole", "unrecorded", "unpublished"] as const;
type Ending = (typeof endings)[number];

interface Attempt {
  readonly run: number;
  readonly ending: Ending;
}

// With the last number being `n`, every n-th history is tried: appends have no order, and a DuckDB file remembers as an SQLite file does.
const tables: readonly (readonly [Format, WriteMode, number])[] = [
  ["delta", "replace", 1],
  ["delta", "append", 2],
  ["delta", "merge", 1],
  ["parquet", "replace", 1],
  ["parquet", "append", 3],
  ["sqlite", "replace", 1],
  ["sqlite", "append", 3],
  ["sqlite", "merge", 2],
  ["duckdb", "replace", 3],
  ["duckdb", "append", 6],
  ["duckdb", "merge", 6],
];

const histories: readonly (readonly Attempt[])[] = endings.flatMap((ofOlder) =>
  endings.flatMap((ofNewer) =>
    [
      [2, 3],
      [3, 2],
    ].map((back) => [
      { run: 2, ending: ofOlder },
      { run: 3, ending: ofNewer },
      ...back.map((run) => ({ run, ending: "whole" as const })),
    ]),
  ),
);

let project: DataProject;
beforeAll(async () => {
  project = await DataProject.create();
});
afterAll(() => project[Symbol.asyncDispose]());

describe.each(tables)("a %s table that runs %s", (format, mode, each) => {
  const all = histories.map((attempts, index) => ({ name: attempts.map(describeAttempt).join(", "), attempts, index }));
  test.each(all.filter(({ index }) => index % each === 0))(
    "holds each run once after: $name",
    async ({ attempts, index }) => {
      const dataset = `t_${format}_${mode}_${index}`;
      const model = new TableModel(format, mode);
      for (const attempt of attempts) {
        const wanted = model.attempt(attempt);
        expect(await outcomeOf(dataset, format, mode, attempt)).toEqual(wanted);
      }
      expect(await project.rows(dataset, `select id, run from ${dataset} order by all`)).toEqual(model.rows());
      if (format === "delta") expect(await newestRows(dataset)).toEqual(model.rows());
    },
  );
});

test.each(["delta", "sqlite", "duckdb"] as const)(
  "rows that come again after others took their place in a %s table are not taken for published",
  async (format) => {
    const dataset = `again_${format}`;
    const attempts: readonly Attempt[] = [
      { run: 2, ending: "unrecorded" },
      { run: 3, ending: "whole" },
      { run: 2, ending: "whole" },
      { run: 4, ending: "whole" },
    ];
    for (const attempt of attempts) {
      await outcomeOf(dataset, format, "merge", attempt, rowsOf(attempt.run === 4 ? 2 : attempt.run));
    }
    expect(await project.rows(dataset, `select run from ${dataset} where id = 0`)).toEqual([{ run: 2 }]);
  },
);

/** What a table holds, what it remembers, and what the catalog has. */
class TableModel {
  readonly #format: Format;
  readonly #mode: WriteMode;
  /** Runs whose rows got in, in order. */
  readonly #published: number[] = [];
  readonly #recorded: number[] = [];

  constructor(format: Format, mode: WriteMode) {
    this.#format = format;
    this.#mode = mode;
  }

  /** @returns what the attempt must tell: the run whose version it names, or the code that it ends with */
  attempt({ run, ending }: Attempt): string {
    if (ending === "unpublished") return "interrupted";
    if (this.#recorded.includes(run)) return `version of ${run}`;
    const hasOwn = this.#format !== "parquet" || this.#mode === "append" ? this.#published.includes(run) : false;
    if (this.#mode === "replace") {
      const isRecordedLater = this.#recorded.some((other) => other > run);
      if (isRecordedLater && hasOwn) return `version of ${String(this.#recorded.at(-1))}`;
      const remembered = this.#format === "parquet" ? 0 : (this.#published.at(-1) ?? 0);
      if (isRecordedLater || (!hasOwn && remembered > run)) return "RUN_SUPERSEDED";
    }
    if (!hasOwn) this.#published.push(run);
    if (ending === "unrecorded") return "interrupted";
    this.#recorded.push(run);
    return `version of ${run}`;
  }

  rows(): Row[] {
    const order = this.#mode === "replace" ? this.#published.slice(-1) : this.#published;
    const rows = order.flatMap((run) => rowsOf(run));
    const kept = this.#mode === "merge" ? [...new Map(rows.map((row) => [row.id, row])).values()] : rows;
    return kept.toSorted((a, b) => a.id - b.id || a.run - b.run);
  }
}

/** One row that every run has, and one of its own. */
function rowsOf(run: number): { readonly id: number; readonly run: number }[] {
  return [
    { id: 0, run },
    { id: run, run },
  ];
}

async function outcomeOf(
  dataset: string,
  format: Format,
  mode: WriteMode,
  { run, ending }: Attempt,
  rows = rowsOf(run),
): Promise<string> {
  const moments = { whole: "", unrecorded: "published", unpublished: "audited" };
  const failpoint = (name: string): void => {
    if (name === moments[ending]) throw new Error("interrupted");
  };
  const sql = rows.map((row) => `select ${row.id} as id, ${row.run} as run`).join(" union all ");
  try {
    const result: PublishResult = await project.publish(
      { sql, output: outputOf(dataset, format, mode) },
      { runId: run, failpoint },
    );
    return `version of ${result.dataset.runId}`;
  } catch (error) {
    if (error instanceof MillraceError && error.code === "RUN_SUPERSEDED") return error.code;
    if (error instanceof MillraceError && error.message.includes("interrupted")) return "interrupted";
    throw error;
  }
}

function outputOf(dataset: string, format: Format, mode: WriteMode): DatasetOutput {
  const output = { dataset, mode, ...(mode === "merge" ? { key: ["id"] } : {}) };
  const path = `out/${dataset}`;
  return { ...output, [format]: { path } };
}

/** As other readers of a Delta table find it: the last version of the log, whatever the catalog says. */
async function newestRows(dataset: string): Promise<Row[]> {
  await using session = await project.engine.open();
  const snapshot = await openDeltaSnapshot(project.path(`out/${dataset}`), { session });
  const commits = await readdir(project.path(`out/${dataset}/_delta_log`));
  expect(commits.filter((name) => name.endsWith(".json"))).toHaveLength(snapshot.version + 1);
  return await session.query(`select id, run from (${await deltaRelation(session, snapshot)}) order by all`);
}

function describeAttempt({ run, ending }: Attempt): string {
  return `run ${run} ends ${ending}`;
}
