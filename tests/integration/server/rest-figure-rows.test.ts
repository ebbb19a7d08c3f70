// The rows behind a figure over real tables: each once over pages, all of them in a file, and what cannot be asked is refused.
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFiguresFixture, type FiguresFixture } from "../../support/server/figures-fixture.ts";

/** January in Berlin, with five deployments of which two failed; another one is in February there, though in January in UTC. */
const doraSql = `select 'it''s' as service, 'month' as period, timestamptz '2025-12-31 23:00:00+00' as start_at,
    timestamptz '2026-01-31 23:00:00+00' as end_at, true as is_complete, 'change_fail_rate' as metric, 'share' as unit, 0.4::double as value, 5 as n,
    null::double as p50, null::double as p75, null::double as p90, 1.0 as coverage, false as is_few`;
const deploymentsSql = `select 'it''s' as service, 1::bigint as repository_id, 'production' as environment, 9007199254740993 + i::bigint as deployment_id,
    case when i = 5 then timestamptz '2026-01-31 23:30:00+00' else timestamptz '2026-01-20 00:00:00+00' + (i // 2) * interval 1 hour end as deployed_at,
    i < 2 as is_failed, false as is_unplanned, null::bigint as recovery_seconds, null::timestamptz as restored_at
  from range(6) r(i)`;

let fixture: FiguresFixture;

beforeAll(async () => {
  fixture = await createFiguresFixture();
  await fixture.project.publish({ sql: doraSql, output: { dataset: "delivery_dora" } });
  await fixture.project.publish({ sql: deploymentsSql, output: { dataset: "delivery_deployments" } });
});

afterAll(() => fixture[Symbol.asyncDispose]());

const rate = { params: { metric: "change_fail_rate" } };

it("rows behind a figure come page by page, each once, with what they add", async () => {
  const ids: unknown[] = [];
  let cursor: string | null = null;
  do {
    const query: Record<string, string> = {
      service: "it's",
      at: "2026-01",
      limit: "2",
      ...(cursor === null ? {} : { cursor }),
    };
    const page = await fixture.call("listFigureRows", { ...rate, query });
    expect(page.figure).toEqual({
      metric: "change_fail_rate",
      unit: "share",
      subject: "service",
      of: "it's",
      period: "month",
      start_at: "2025-12-31T23:00:00.000Z",
      end_at: "2026-01-31T23:00:00.000Z",
      value: 0.4,
      n: 5,
    });
    expect(page.columns.map(({ name }) => name)).not.toContain("place_key");
    ids.push(...page.items.map(({ deployment_id: id, figure_value: value }) => JSON.stringify([id, value])));
    cursor = page.next_cursor;
  } while (cursor !== null);
  // the newest first, and what is of one instant by its key
  expect(ids).toEqual([
    '["9007199254740997",0]',
    '["9007199254740995",0]',
    '["9007199254740996",0]',
    '["9007199254740993",1]',
    '["9007199254740994",1]',
  ]);
});

it("rows behind a figure are a file with all of them", async () => {
  const query = { service: "it's", at: "2026-01-31T22:59:59Z", format: "csv" };
  const csv = await fixture.call("exportFigureRows", { ...rate, query });
  const [head, ...lines] = csv.trimEnd().split("\n");
  expect(head).toMatch(/^service,.*,figure_value$/);
  expect(lines).toHaveLength(5);
  const parquet = await fixture.call("exportFigureRows", { ...rate, query: { ...query, format: "parquet" } });
  expect([parquet.slice(0, 4), parquet.slice(-4)]).toEqual(["PAR1", "PAR1"]);
});

it.each([
  [
    "a metric that is none",
    "change_fail_rat",
    { service: "it's" },
    "THING_UNKNOWN",
    "did you mean `change_fail_rate`?",
  ],
  ["a point without a figure", "change_fail_rate", { service: "it's", at: "2024-01" }, "THING_UNKNOWN", "no figure"],
  ["a service that has none", "change_fail_rate", { service: "shop" }, "THING_UNKNOWN", "of service `shop`"],
  ["no service", "change_fail_rate", {}, "REQUEST_INVALID", "`query.service`: expected the service"],
  [
    "a time that is none",
    "change_fail_rate",
    { service: "x", at: "2026-99" },
    "REQUEST_INVALID",
    "`query.at`: expected a month",
  ],
  [
    "a period that it has not",
    "health",
    { project: "A", period: "week" },
    "REQUEST_INVALID",
    "`query.period`: expected one",
  ],
  ["a place of another list", "change_fail_rate", { service: "it's", cursor: "x" }, "REQUEST_INVALID", "query.cursor"],
  ["figures that nobody has computed", "velocity_points", { sprint: "1" }, "DATASET_UNKNOWN", "`sprint_metrics`"],
])("rows of a figure are refused for %s", async (_what, metric, query, code, message) => {
  const refused = await fixture.refusal("listFigureRows", { params: { metric }, query });
  expect(refused).toMatchObject({ code, message: expect.stringContaining(message) });
});
