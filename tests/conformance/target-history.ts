// The part of the targets' contract about the mode `scd2`, and about generated histories: whatever comes, a table holds what a model
// of a few lines says.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DatasetOutput } from "../../src/core/dataset/dataset.ts";
import { expectFailure } from "../support/expect-failure.ts";
import type { Bench } from "./target-bench.ts";
import { january } from "./target-row-modes.ts";

export function describeHistory(fixture: Bench): void {
  describeVersions(fixture);
  describeOrder(fixture);
  describeGenerated(fixture);
}

const key = { key: ["id"] };
const none = "select 0 as id, '' as name where false";

function rowsOf(rows: Readonly<Record<number, string | null>>): string {
  const values = Object.entries(rows).map(([id, name]) => `(${id}, ${name === null ? "null" : `'${name}'`})`);
  return values.length === 0 ? none : `select id, name::varchar as name from (values ${values.join(", ")}) v(id, name)`;
}

/** `id name from-to` by days of January, `…` for a version that holds. */
async function versions(fixture: Bench): Promise<string[]> {
  const found = await fixture.project.rows(
    "t",
    `select id || ' ' || coalesce(name, '-') || ' ' || day(valid_from) || '-' || coalesce(day(valid_to)::varchar, '…') as version
      from t order by id, valid_from`,
  );
  return found.map(({ version }) => String(version));
}

function describeVersions(fixture: Bench): void {
  const { put } = fixture;

  test("scd2 closes the version of a row that changes, and leaves one that does not", async () => {
    await put(rowsOf({ 1: "a", 2: "b", 3: null }), "scd2", key, { window: january(1) });
    expect(await put(rowsOf({ 1: "a", 3: null }), "scd2", key, { window: january(2) })).toMatchObject({
      changed: false,
      dataset: { version: 1 },
    });
    const third = await put(rowsOf({ 1: "A", 3: "c", 4: "d" }), "scd2", key, { window: january(3) });
    expect(third).toMatchObject({ changed: true, rows: 3, dataset: { rowCount: 6, version: 2 } });
    await put(rowsOf({ 3: null }), "scd2", key, { window: january(4) });
    expect(await versions(fixture)).toEqual([
      "1 a 2-4",
      "1 A 4-…",
      "2 b 2-…",
      "3 - 2-4",
      "3 c 4-5",
      "3 - 5-…",
      "4 d 4-…",
    ]);
  });

  test("scd2 ends the versions of absent keys when told to, and a key that comes back begins anew", async () => {
    const whole: Partial<DatasetOutput> = { ...key, absent: "close" };
    await put(rowsOf({ 1: "a", 2: "b" }), "scd2", whole, { window: january(1) });
    await put(rowsOf({ 2: "b" }), "scd2", whole, { window: january(2) });
    await put(rowsOf({ 1: "a", 2: "b" }), "scd2", whole, { window: january(4) });
    await put(none, "scd2", whole, { window: january(5) });
    await put(none, "scd2", whole, { window: january(6) });
    expect(await versions(fixture)).toEqual(["1 a 2-3", "1 a 5-6", "2 b 2-6"]);
  });

  test("scd2 says a moment anew when other rows come for it", async () => {
    await put(rowsOf({ 1: "a", 2: "b" }), "scd2", key, { window: january(1) });
    await put(rowsOf({ 1: "A", 2: "B", 3: "C" }), "scd2", key, { window: january(2) });
    await put(rowsOf({ 1: "a", 2: "Z" }), "scd2", key, { window: january(2) });
    expect(await versions(fixture)).toEqual(["1 a 2-…", "2 b 2-3", "2 Z 3-…", "3 C 3-…"]);
  });

  test("scd2 takes columns of other names, compares all but those it is told to ignore, and new columns", async () => {
    const odd: Partial<DatasetOutput> = { key: ["the key"], validFrom: "from", validTo: 'to "then"', ignore: ["seen"] };
    const select = (name: string, seen: number, more = ""): string =>
      `select 1 as "the key", 'x' as "order", '${name}' as name, ${seen} as seen ${more}`;
    await put(select("a", 1), "scd2", odd, { window: january(1) });
    expect(await put(select("a", 2), "scd2", odd, { window: january(2) })).toMatchObject({ changed: false });
    await put(select("b", 3), "scd2", odd, { window: january(3) });
    await put(select("b", 3, ", 7 as extra"), "scd2", odd, { window: january(4) });
    // a column that the rows lack says nothing of them
    await put(`select 1 as "the key", 'x' as "order", 3 as seen, 7 as extra`, "scd2", odd, { window: january(5) });
    expect(
      await fixture.project.rows("t", `select name, seen, extra, day("to ""then""") as till from t order by "from"`),
    ).toEqual([
      { name: "a", seen: 1, extra: null, till: 4n },
      { name: "b", seen: 3, extra: null, till: 5n },
      { name: "b", seen: 3, extra: 7, till: null },
    ]);
  });

  test("scd2 begins anew with a full refresh", async () => {
    await put(rowsOf({ 1: "a" }), "scd2", key, { window: january(1) });
    await put(rowsOf({ 1: "b" }), "scd2", key, { window: january(2) });
    await put(rowsOf({ 1: "c", 2: "d" }), "scd2", key, { isFullRefresh: true });
    const found = await fixture.project.rows("t", "select id, name, valid_to is null as holds from t order by id");
    expect(found).toEqual([
      { id: 1, name: "c", holds: true },
      { id: 2, name: "d", holds: true },
    ]);
  });
}

function describeOrder(fixture: Bench): void {
  const { put } = fixture;

  test("scd2 refuses rows older than what is known of their keys, and takes those of other keys", async () => {
    await put(rowsOf({ 1: "a" }), "scd2", key, { window: january(3) });
    const error = await expectFailure(put(rowsOf({ 1: "b", 2: "b" }), "scd2", key, { window: january(1) }));
    expect(error).toMatchObject({ code: "HISTORY_OUT_OF_ORDER", disposition: "fail" });
    expect(await versions(fixture)).toEqual(["1 a 4-…"]);
    await put(rowsOf({ 2: "b" }), "scd2", key, { window: january(1) });
    expect(await versions(fixture)).toEqual(["1 a 4-…", "2 b 2-…"]);
    const whole = expectFailure(put(rowsOf({ 2: "b" }), "scd2", { ...key, absent: "close" }, { window: january(2) }));
    expect((await whole).code).toBe("HISTORY_OUT_OF_ORDER");
  });

  test("scd2 refuses two rows of one key, and rows that have its columns", async () => {
    const double = await expectFailure(put("select 1 as id, n from range(2) r(n)", "scd2", key));
    expect(double.message).toBe("rows of mode `scd2` repeat the key `id`, keys: `1`");
    const taken = await expectFailure(put("select 1 as id, 2 as valid_to", "scd2", key));
    expect(taken).toMatchObject({ code: "SCHEMA_MISMATCH" });
  });
}

/** What comes at one moment. */
interface Batch {
  readonly day: number;
  readonly rows: Readonly<Record<number, string | null>>;
}

const names = fc.constantFrom("a", "b", null);
const batches = fc.array(
  fc.record({ skip: fc.nat(1), rows: fc.dictionary(fc.constantFrom("1", "2", "3"), names, { maxKeys: 3 }) }),
  { minLength: 2, maxLength: 6 },
);

/** Batches whose days never go back; some are of the day before again. */
function inOrder(list: readonly { readonly skip: number; readonly rows: Batch["rows"] }[]): Batch[] {
  let day = 1;
  return list.map(({ skip, rows }) => ({ day: (day += skip), rows }));
}

/** The versions of all keys, when each batch is the last word on its keys at its moment. */
function modelHistory(list: readonly Batch[], isWhole: boolean): string[] {
  const keys = ["1", "2", "3"];
  return keys.flatMap((id) => {
    const said = new Map<number, string | null | undefined>();
    for (const { day, rows } of list) {
      if (id in rows) said.set(day, rows[Number(id)]);
      else if (isWhole) said.set(day, undefined);
    }
    const found: { name: string | null; from: number; to?: number }[] = [];
    for (const [day, name] of said) {
      const last = found.at(-1);
      if (last !== undefined && last.to === undefined && last.name === name) continue;
      if (last !== undefined && last.to === undefined) last.to = day;
      if (name !== undefined) found.push({ name, from: day });
    }
    return found.map(({ name, from, to }) => `${id} ${name ?? "-"} ${from + 1}-${to === undefined ? "…" : to + 1}`);
  });
}

function describeGenerated(fixture: Bench): void {
  const { put } = fixture;
  // each history begins with a table that a full refresh has emptied
  const options = { numRuns: 4, seed: 20_260_101 };

  test.each(["keep", "close"] as const)(
    "scd2 that is told to %s absent keys holds what a model says",
    async (absent) => {
      await fc.assert(
        fc.asyncProperty(batches, async (list) => {
          const ordered = inOrder(list);
          const more: Partial<DatasetOutput> = { ...key, absent };
          await put(none, "scd2", more, { isFullRefresh: true });
          for (const { day, rows } of ordered) await put(rowsOf(rows), "scd2", more, { window: january(day) });
          expect(await versions(fixture)).toEqual(modelHistory(ordered, absent === "close"));
        }),
        options,
      );
    },
  );

  test("delete_insert of any windows holds what a model says", async () => {
    const window = fc.record({
      first: fc.integer({ min: 1, max: 6 }),
      length: fc.integer({ min: 1, max: 3 }),
      mask: fc.nat(7),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(window, { minLength: 2, maxLength: 6 }), async (list) => {
        const model = new Map<number, number>();
        const nothing = "select date '2026-01-01' as day, 0 as run where false";
        await put(nothing, "delete_insert", { by: "day" }, { isFullRefresh: true });
        for (const [index, { first, length, mask }] of list.entries()) {
          const covered = Array.from({ length }, (_, at) => first + at);
          const present = covered.filter((_day, at) => (mask >> at) % 2 === 1);
          for (const day of covered) model.delete(day);
          for (const day of present) model.set(day, index);
          const rows = `select (date '2026-01-01' + (day - 1)::integer)::date as day, ${index} as run
            from (select unnest([${present.join(", ")}]::integer[]) as day)`;
          await put(rows, "delete_insert", { by: "day" }, { window: january(first, first + length) });
        }
        const found = await fixture.project.rows("t", "select day(day)::integer as day, run from t order by all");
        const expected = [...model].toSorted(([a], [b]) => a - b).map(([day, run]) => ({ day, run }));
        expect(found).toEqual(expected);
      }),
      options,
    );
  });
}
