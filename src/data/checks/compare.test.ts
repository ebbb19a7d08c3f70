import { expect, test } from "vitest";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { CheckResult, CompareRule } from "../../core/dataset/check.ts";
import { auditRows } from "./audit.ts";
import { nameChecks } from "./check-definition.ts";
import { compileChecks } from "./checks.ts";
import { judgeShare } from "./compare.ts";

const session = useEngineSession();

const failRate: CompareRule = { base: "prepared", criteria: "fail", threshold: 10 };
const successRate: CompareRule = { base: "api", field: "total", criteria: "success", threshold: 95 };

test.each<[CompareRule, number, number, number]>([
  [failRate, 1203, 120, 0],
  [failRate, 1203, 121, 121],
  // exactly at the threshold
  [failRate, 1200, 120, 120],
  [failRate, 1203, 0, 0],
  [successRate, 5000, 4750, 0],
  [successRate, 5000, 4749, 251],
  [successRate, 5000, 0, 5000],
])("%j of %d: %d rows fail by %d", (rule, whole, rows, expected) => {
  expect(judgeShare(rule, rows, whole).failingRows).toBe(expected);
});

test.each([failRate, successRate])("%j: nothing to compare with and more than all fail", (rule) => {
  expect(judgeShare(rule, 0, 0).failingRows).toBe(1);
  expect(judgeShare(rule, 5, Number.NaN).failingRows).toBe(1);
  expect(judgeShare({ ...rule, criteria: "success" }, 12, 10).failingRows).toBe(2);
});

test("what was expected and what came is told in one line", () => {
  expect(judgeShare(failRate, 121, 1203).detail).toBe(
    "expected less than 10 % of 1203 rows of `prepared`, got 121 (10.06 %)",
  );
  expect(judgeShare(successRate, 4749, 5000).detail).toBe(
    "expected at least 95 % of the 5000 of `total` of `api`, got 4749 (94.98 %)",
  );
});

async function evaluate(rows: string, rule: CompareRule): Promise<CheckResult | undefined> {
  const checks = await compileChecks(session(), nameChecks([{ compare: rule }]), await session().describe(rows));
  await session().defineView("rows", rows);
  const { signal } = new AbortController();
  const columns = await session().describe(rows);
  const input = { session: session(), relation: rows, columns, checks, limits: [], quarantinedBy: new Map() };
  return (await auditRows({ ...input, nowMs: 0, signal })).results[0];
}

test("a base counts its rows, the sizes of its lists, its numbers or its values", async () => {
  await session().defineView(
    "sent",
    "select * from (values ([1, 2, 3], 10.5::decimal(9, 1), 'a'), ([4], 4.5, null), (null, null, null)) v(list, total, text)",
  );
  const rows = "select * from range(2) r(n)";
  const rule = { base: "sent", criteria: "success", threshold: 100 } as const;
  expect((await evaluate(rows, rule))?.detail).toContain("of 3 rows of `sent`");
  expect((await evaluate(rows, { ...rule, field: "list" }))?.detail).toContain("of the 4 of `list`");
  expect((await evaluate(rows, { ...rule, field: "total" }))?.detail).toContain("of the 15 of `total`");
  expect((await evaluate(rows, { ...rule, field: "text" }))?.detail).toContain("of the 1 of `text`");
  const error = await expectFailure(evaluate(rows, { ...rule, field: "totl" }));
  expect(error).toMatchObject({ code: "SCHEMA_MISMATCH" });
});

test("only rows with an error count, and no row at all is judged as well", async () => {
  await session().defineView("sent", "select * from range(20)");
  const rows = "select n, case when n < 2 then 'E' end as error from range(10) r(n)";
  const rule = { base: "sent", criteria: "fail", threshold: 10.5, errorColumn: "error" } as const;
  expect(await evaluate(rows, rule)).toMatchObject({ passed: true, failingRows: 0 });
  expect(await evaluate(rows, { ...rule, threshold: 10 })).toMatchObject({ passed: false, failingRows: 2 });
  expect(await evaluate(`${rows} where false`, rule)).toMatchObject({ passed: true });
  expect(await evaluate(`${rows} where false`, { ...rule, criteria: "success" })).toMatchObject({ passed: false });
});
