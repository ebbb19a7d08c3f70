// Two runs set rows aside and are interrupted and tried again in every order, with other rows in each attempt. What is in
// quarantine must belong to the attempts whose good rows were published: a row that is in neither table is lost.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WriteMode } from "../../../src/core/dataset/dataset.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { DataProject } from "../../support/data/data-project.ts";

/** The failpoint at which an attempt ends, and which time it is reached: the quarantine is published before the dataset. */
const endings = {
  whole: ["", 1],
  early: ["audited", 1],
  "with its rows aside, unrecorded": ["published", 1],
  "with its rows aside, recorded": ["recorded", 1],
  "with its rows published, unrecorded": ["published", 2],
} as const;
type Ending = keyof typeof endings;

interface Attempt {
  readonly run: number;
  readonly number: number;
  readonly ending: Ending;
}

const names = Object.keys(endings) as Ending[];
const histories: readonly (readonly Attempt[])[] = names.flatMap((ofOlder) =>
  names.flatMap((ofNewer) =>
    [
      [2, 3],
      [3, 2],
    ].map((again) => [
      { run: 2, number: 1, ending: ofOlder },
      { run: 3, number: 1, ending: ofNewer },
      ...again.map((run) => ({ run, number: 2, ending: "whole" as const })),
    ]),
  ),
);

let project: DataProject;
beforeAll(async () => {
  project = await DataProject.create();
});
afterAll(() => project[Symbol.asyncDispose]());

// With the number being `n`, every n-th history is tried.
const modes: readonly (readonly [WriteMode, number])[] = [
  ["append", 2],
  ["merge", 2],
  ["replace", 3],
];

describe.each(modes)("a table with a quarantine that runs %s", (mode, each) => {
  const all = histories
    .filter((attempts) => mode !== "merge" || !isForgotten(attempts))
    .map((attempts, index) => ({ name: attempts.map(describeAttempt).join("; "), attempts, index }));
  test.each(all.filter(({ index }) => index % each === 0))(
    "has each row in one of both: $name",
    async ({ attempts, index }) => {
      const dataset = `t_${mode}_${index}`;
      for (const attempt of attempts) await publish(dataset, mode, attempt);
      const published = await rowsOf(dataset, "where not bad");
      expect(await rowsOf(`${dataset}_quarantine`, "")).toEqual(published);
      expect(published).not.toEqual([]);
      if (mode !== "replace") expect(published.map(({ run }) => run)).toEqual([2, 3]);
    },
  );
});

test("a late run whose replace is refused leaves the quarantine of the later one alone", async () => {
  const checks = [{ notNull: ["v"], severity: "quarantine" as const }];
  const output = { dataset: "clean" };
  await project.publish({ sql: "select 1 as v", checks, output }, { runId: 1 });
  await project.publish({ sql: "select 3 as v", checks, output }, { runId: 3 });
  const late = project.publish({ sql: "select unnest([2, null]) as v", checks, output }, { runId: 2 });
  await expect(late).rejects.toMatchObject({ code: "RUN_SUPERSEDED", message: expect.stringContaining("`clean`") });
  expect(await project.rows("clean_quarantine")).toEqual([]);
});

// A merge whose rows came in just before its process died, and another run after it, does not know which attempt they are from.
function isForgotten([older, newer]: readonly Attempt[]): boolean {
  return [older, newer].some((attempt) => attempt?.ending === "with its rows published, unrecorded");
}

async function publish(dataset: string, mode: WriteMode, { run, number, ending }: Attempt): Promise<void> {
  let left = endings[ending][1];
  const failpoint = (name: string): void => {
    if (name === endings[ending][0] && --left === 0) throw new Error("interrupted");
  };
  const row = (bad: boolean): string =>
    `select ${run * 100 + number * 10 + Number(bad)} as id, ${run} as run, ${number} as attempt, ${bad} as bad`;
  const request = {
    sql: `${row(false)} union all ${row(true)}`,
    checks: [{ acceptedValues: { bad: [false] }, severity: "quarantine" as const }],
    output: { dataset, mode, ...(mode === "merge" ? { key: ["id"] } : {}) },
  };
  await project.publish(request, { runId: run, epoch: number, failpoint }).catch((error: unknown) => {
    const isRefused =
      error instanceof MillraceError && error.code === "RUN_SUPERSEDED" && mode === "replace" && run === 2;
    if (!isRefused && !String(error).includes("interrupted")) throw error;
  });
}

function rowsOf(dataset: string, where: string): ReturnType<DataProject["rows"]> {
  return project.rows(dataset, `select run, attempt from ${dataset} ${where} order by all`);
}

function describeAttempt({ run, number, ending }: Attempt): string {
  return `attempt ${number} of run ${run} ends ${ending}`;
}
