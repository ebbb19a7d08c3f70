// Sprints over real tables: their numbers, their burndown, and that the rows behind a number add up to it.
import { afterAll, beforeAll, expect, it } from "vitest";
import { sprintNumbers } from "../../../src/api/delivery/sprint.ts";
import { createFiguresFixture, type FiguresFixture } from "../../support/server/figures-fixture.ts";

const sprintsSql = `select i::bigint as sprint_id, (i % 2)::bigint as board_id, 'Sprint ' || i as name,
    case when i = 5 then 'active' else 'closed' end as state, timestamptz '2026-01-01 00:00:00+00' + i * interval 14 day as start_at,
    timestamptz '2026-01-15 00:00:00+00' + i * interval 14 day as end_at, null::timestamptz as complete_at,
    case when i < 5 then timestamptz '2026-01-15 00:00:00+00' + i * interval 14 day end as closed_at,
    8.0 as committed_points, 5.0 as added_points, 3.0 as removed_points, 10.0 as scope_points, 7.0 as completed_points,
    case when i < 5 then 3.0 end as carried_over_points,
    2::bigint as committed_issues, 1::bigint as added_issues, 1::bigint as removed_issues, 2::bigint as scope_issues, 1::bigint as completed_issues,
    case when i < 5 then 1::bigint end as carried_over_issues, 0::bigint as unestimated_issues, 1.0 as coverage,
    case when i < 5 then 0.6 end as completion_rate, case when i < 5 then 0.7 end as completed_share,
    case when i < 5 then 7.0 end as velocity_points, case when i < 5 then 3::bigint end as velocity_sprints
  from range(1, 6) r(i)`;

/** Committed 5 and 3; 3 go, 2 come by an estimate and 3 with an issue; the first, by then 7, is done. */
const scopeSql = `select 4::bigint as sprint_id, 0::bigint as board_id, v.* from (values
    ('1', 0::bigint, timestamptz '2026-02-26 00:00:00+00', 'committed', 5.0, 5.0, 5.0, true, false, true, false, true, true),
    ('2', 0, timestamptz '2026-02-26 00:00:00+00', 'committed', 3.0, 3.0, 3.0, true, false, true, false, true, true),
    ('1', 1, timestamptz '2026-02-27 00:00:00+00', 'estimated up', 2.0, 2.0, 7.0, true, false, false, false, false, true),
    ('2', 1, timestamptz '2026-02-28 00:00:00+00', 'removed', -3.0, -3.0, 0.0, false, false, false, true, false, true),
    ('3', 0, timestamptz '2026-03-01 00:00:00+00', 'added', 3.0, 3.0, 3.0, true, false, false, true, true, true),
    ('1', 2, timestamptz '2026-03-02 00:00:00+00', 'completed', 0.0, -7.0, 7.0, true, true, false, true, false, true)
  ) v(issue_id, position, happened_at, change, scope_delta, remaining_delta, scope_points, is_in_scope, is_completed, is_start, is_last, is_entry, is_estimated)`;

const burndownSql = `select sprint_id, board_id, happened_at, sum(remaining_delta) over steps as remaining_points,
    sum(scope_delta) over steps as scope_points, sum(scope_delta - remaining_delta) over steps as completed_points
  from (select sprint_id, board_id, happened_at, sum(scope_delta) as scope_delta, sum(remaining_delta) as remaining_delta from (${scopeSql}) group by all)
  window steps as (partition by sprint_id order by happened_at rows unbounded preceding)`;

let fixture: FiguresFixture;

beforeAll(async () => {
  fixture = await createFiguresFixture();
  for (const [dataset, sql] of [
    ["sprint_metrics", sprintsSql],
    ["sprint_scope", scopeSql],
    ["sprint_burndown", burndownSql],
    ["jira_boards", "select 0::bigint as id, 'Shop board' as name"],
    [
      "jira_issues",
      "select i::varchar as id, 'SHOP-' || i as key, 'Do ' || i as summary, 'Story' as type from range(1, 3) r(i)",
    ],
  ] as const) {
    await fixture.project.publish({ sql, output: { dataset } });
  }
});

afterAll(() => fixture[Symbol.asyncDispose]());

it("lists sprints by their start, of a board alone where that is asked for, and says null of what is not over", async () => {
  const first = await fixture.call("listSprints", { query: { limit: "3" } });
  const rest = await fixture.call("listSprints", { query: { limit: "3", cursor: String(first.next_cursor) } });
  expect([...first.items, ...rest.items].map(({ sprint_id }) => sprint_id)).toEqual([5, 4, 3, 2, 1]);
  expect(first.boards).toEqual([
    { board_id: 0, name: "Shop board" },
    { board_id: 1, name: null },
  ]);
  expect(first.items[0]).toMatchObject({
    state: "active",
    closed_at: null,
    completion_rate: null,
    velocity_points: null,
    points: { committed: 8, added: 5, removed: 3, scope: 10, completed: 7, carried_over: null },
  });
  const board = await fixture.call("listSprints", { query: { board: "0" } });
  expect(board.items.map(({ sprint_id }) => sprint_id)).toEqual([4, 2]);
});

it("has for each number of a sprint the rows that add up to it, page by page", async () => {
  const { points } = await fixture.call("showSprint", { params: { sprint_id: "4" } });
  for (const of of sprintNumbers) {
    const items = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { of, limit: "1", ...(cursor === null ? {} : { cursor }) };
      const page = await fixture.call("listSprintIssues", { params: { sprint_id: "4" }, query });
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect([of, items.reduce((sum, item) => sum + item.points, 0)]).toEqual([of, points[of]]);
  }
  const added = await fixture.call("listSprintIssues", { params: { sprint_id: "4" }, query: { of: "added" } });
  expect(added.items).toMatchObject([
    { key: "SHOP-1", summary: "Do 1", type: "Story", change: "estimated up", points: 2 },
    { key: null, issue_id: "3", summary: null, change: "added", points: 3 },
  ]);
});

it("has the burndown as steps, and refuses a sprint that nobody computed", async () => {
  const { burndown, truncated } = await fixture.call("showSprint", { params: { sprint_id: "4" } });
  expect(
    burndown.map(({ remaining_points, scope_points, completed_points }) => [
      remaining_points,
      scope_points,
      completed_points,
    ]),
  ).toEqual([
    [8, 8, 0],
    [10, 10, 0],
    [7, 7, 0],
    [10, 10, 0],
    [3, 10, 7],
  ]);
  expect(truncated).toBe(false);
  expect((await fixture.refusal("showSprint", { params: { sprint_id: "9" } })).code).toBe("THING_UNKNOWN");
  expect((await fixture.refusal("showSprint", { params: { sprint_id: "4 or 1=1" } })).code).toBe("REQUEST_INVALID");
});

it("gives sprints, issues and burndown as files", async () => {
  const rowsOf = async (query: Record<string, string>): Promise<string[]> =>
    (await fixture.call("exportSprints", { query: { ...query, format: "csv" } })).trimEnd().split("\n").slice(1);
  expect(await rowsOf({ of: "sprints" })).toHaveLength(5);
  expect(await rowsOf({ of: "sprints", board: "0" })).toHaveLength(2);
  expect(await rowsOf({ of: "issues", sprint: "4" })).toHaveLength(6);
  expect(await rowsOf({ of: "burndown", sprint: "4" })).toHaveLength(5);
  const refused = await fixture.refusal("exportSprints", { query: { of: "issues", format: "csv" } });
  expect(refused.code).toBe("REQUEST_INVALID");
});
