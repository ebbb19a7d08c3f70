// Figures of delivery and of sprints over real tables: what is not known is null, pages have each row once, and files have all of them.
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFiguresFixture, type FiguresFixture } from "../../support/server/figures-fixture.ts";

const week = (number: number): string => new Date(Date.UTC(2026, 0, 5 + 7 * number)).toISOString();

/** Weeks of a service `shop` without a lead time in the second one, and of a service with a quote in its name. */
const doraSql = `
  with weeks as (select i, timestamptz '2026-01-05 00:00:00+00' + i * interval 7 day as start_at from range(4) r(i)),
  own as (
    select 'shop' as service, 'week' as period, start_at, start_at + interval 7 day as end_at, i < 3 as is_complete, m.metric, m.unit,
      case when m.metric = 'change_lead_time' and i = 1 then null else m.value + i end as value,
      case when m.metric = 'change_lead_time' and i = 1 then 0 else 8 end as n, 1.0 as p50, 2.0 as p75, 3.0 as p90, 0.5 as coverage, false as is_few
    from weeks cross join (values ('change_lead_time', 'seconds', 90000.0), ('deployments', 'deployments', 2.0)) m(metric, unit, value)
    where not (m.metric = 'change_lead_time' and i = 1))
  select * from own
  union all by name select 'shop' as service, 'all' as period, timestamptz '2026-01-05 00:00:00+00' as start_at,
    timestamptz '2026-02-02 00:00:00+00' as end_at, true as is_complete, m.metric, m.unit, m.value, 32 as n, null::double as p50,
    null::double as p75, null::double as p90, 1.0 as coverage, false as is_few
    from (values ('change_lead_time', 'seconds', 100000.0), ('deployments', 'deployments', 14.0)) m(metric, unit, value)
  union all by name select 'it''s' as service, 'all' as period, timestamptz '2026-01-05 00:00:00+00' as start_at,
    timestamptz '2026-02-02 00:00:00+00' as end_at, true as is_complete, 'deployments' as metric, 'deployments' as unit, 1.0 as value, 1 as n,
    null::double as p50, null::double as p75, null::double as p90, 1.0 as coverage, true as is_few`;

/** Seven changes, two of them by the same deployment; the last one is not deployed. */
const changesSql = `select 'shop' as service, 1::bigint as repository_id, i::bigint as number, 'change "' || i || '", =1' as title, 'ada' as author,
    false as is_bot, i = 3 as is_hotfix, false as is_revert, i = 2 as is_unreviewed, false as is_clock_skewed,
    timestamptz '2026-01-19 00:00:00+00' + (i // 2) * interval 1 hour as merged_at,
    case when i < 7 then timestamptz '2026-01-20 00:00:00+00' + (i // 2) * interval 1 hour end as deployed_at,
    case when i < 7 then 100 + i // 2 end::bigint as deployment_id,
    10::bigint as coding_seconds, case when i <> 2 then 20::bigint end as pickup_seconds, 30::bigint as review_seconds,
    case when i <> 2 then 5::bigint end as merge_wait_seconds, case when i < 7 then 35::bigint end as deploy_seconds,
    case when i < 7 then case when i = 2 then 75::bigint else 100::bigint end end as lead_seconds
  from range(1, 8) r(i)`;

const deploymentsSql = `select 'shop' as service, 1::bigint as repository_id, 'production' as environment, 100 + i::bigint as deployment_id,
    timestamptz '2026-01-20 00:00:00+00' + i * interval 1 hour as deployed_at, 'abc' || i as sha,
    case when i = 2 then 'behind' else 'ahead' end as comparison, i = 1 as is_failed, case when i = 1 then 'issue' end as failure_reason,
    case when i = 1 then ['issue:OPS-1'] end as failed_by, null::timestamptz as restored_at, null::bigint as recovery_seconds, i = 2 as is_unplanned
  from range(4) r(i)`;

let fixture: FiguresFixture;

beforeAll(async () => {
  fixture = await createFiguresFixture();
  for (const [dataset, sql] of [
    ["delivery_dora", doraSql],
    ["delivery_changes", changesSql],
    ["delivery_deployments", deploymentsSql],
    ["github_repositories", "select 1::bigint as id, 'acme/shop' as full_name"],
  ] as const) {
    await fixture.project.publish({ sql, output: { dataset } });
  }
});

afterAll(() => fixture[Symbol.asyncDispose]());

describe("figures of delivery", () => {
  it("are of the service with most deployments and its newest period that is over, and null where nothing is known", async () => {
    const delivery = await fixture.call("showDelivery", { query: { benchmark: "2023" } });
    expect(delivery).toMatchObject({ services: ["it's", "shop"], service: "shop", period: "week" });
    expect(delivery.periods.map(({ start_at, is_complete }) => [start_at, is_complete])).toEqual([
      [week(0), true],
      [week(1), true],
      [week(2), true],
      [week(3), false],
    ]);
    expect(delivery.shown?.start_at).toBe(week(2));
    const [lead, deployments] = delivery.figures;
    expect(lead).toMatchObject({ metric: "change_lead_time", value: 90_002, n: 8, before: null, overall: 100_000 });
    expect([lead?.band?.level, lead?.p90, lead?.coverage]).toEqual(["high", 3, 0.5]);
    expect(deployments).toMatchObject({ metric: "deployments", value: 4, before: 3, band: null });
    expect(delivery.series[0]).toMatchObject({ values: [90_000, null, 90_002, 90_003], n: [8, 0, 8, 8] });
    const empty = await fixture.call("showDelivery", { query: { at: week(1) } });
    expect(empty.figures[0]).toMatchObject({ value: null, n: 0, is_few: true, band: null, before: 90_000 });
    expect(empty.stages).toBeNull();
  });

  it("have stages whose means add up to the mean lead time", async () => {
    const { stages } = await fixture.call("showDelivery", { query: { at: week(2) } });
    expect(stages?.n).toBe(6);
    expect(stages?.stages.map(({ stage }) => stage)).toEqual(["coding", "pickup", "review", "merge_wait", "deploy"]);
    const sum = stages?.stages.reduce((total, { seconds }) => total + seconds, 0);
    expect(sum).toBeCloseTo(stages?.lead_seconds ?? 0);
  });

  it("of as many periods as are asked for, and of a service whose name is no part of the statement", async () => {
    const { periods } = await fixture.call("showDelivery", { query: { periods: "2" } });
    expect(periods.map(({ start_at }) => start_at)).toEqual([week(2), week(3)]);
    expect(await fixture.call("showDelivery", { query: { service: "it's" } })).toMatchObject({
      service: "it's",
      periods: [],
      shown: null,
      figures: [{ metric: "deployments", value: null, overall: 1 }],
    });
    const hostile = await fixture.call("showDelivery", { query: { service: "' or 1=1 --{{period}}" } });
    expect([hostile.figures, hostile.periods]).toEqual([[], []]);
    expect((await fixture.refusal("showDelivery", { query: { periods: "900" } })).code).toBe("REQUEST_INVALID");
  });
});

describe("rows behind figures", () => {
  it("are changes page by page, each once, with the repository and their stages", async () => {
    const numbers: number[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { service: "shop", limit: "2", ...(cursor === null ? {} : { cursor }) };
      const page = await fixture.call("listDeliveryChanges", { query });
      numbers.push(...page.items.map(({ number }) => number));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(numbers).toEqual([6, 4, 5, 2, 3, 1]);
    const { items } = await fixture.call("listDeliveryChanges", { query: { service: "shop" } });
    expect(items.find(({ number }) => number === 2)).toMatchObject({
      repository: "acme/shop",
      is_unreviewed: true,
      pickup_seconds: null,
      lead_seconds: 75,
      deployment_id: 101,
    });
    const span = { since: "2026-01-20T01:00:00.000Z", until: "2026-01-20T02:00:00.000Z" };
    const within = await fixture.call("listDeliveryChanges", { query: { service: "shop", ...span } });
    expect(within.items.map(({ number }) => number)).toEqual([2, 3]);
    const refused = await fixture.refusal("listDeliveryChanges", { query: { service: "shop", cursor: "x" } });
    expect(refused.code).toBe("REQUEST_INVALID");
  });

  it("are deployments, those that failed or were not planned alone", async () => {
    const query = { service: "shop", limit: "3" };
    const first = await fixture.call("listDeliveryDeployments", { query });
    const rest = await fixture.call("listDeliveryDeployments", {
      query: { ...query, cursor: String(first.next_cursor) },
    });
    expect([...first.items, ...rest.items].map(({ deployment_id }) => deployment_id)).toEqual([103, 102, 101, 100]);
    expect(rest.next_cursor).toBeNull();
    const failed = await fixture.call("listDeliveryDeployments", { query: { service: "shop", only: "failed" } });
    expect(failed.items).toMatchObject([
      { deployment_id: 101, failed_by: ["issue:OPS-1"], restored_at: null, recovery_seconds: null },
    ]);
    const unplanned = await fixture.call("listDeliveryDeployments", { query: { service: "shop", only: "unplanned" } });
    expect(unplanned.items).toMatchObject([{ deployment_id: 102, comparison: "behind" }]);
  });

  it("are files with all rows, of which nothing stays on the disk", async () => {
    const query = { service: "shop", of: "changes", format: "csv" };
    const csv = await fixture.call("exportDelivery", { query });
    const [head, ...lines] = csv.trimEnd().split("\n");
    expect(head).toContain("service,repository_id,number,title");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain('"change ""6"", =1"');
    expect(lines[0]).toContain("2026-01-20T03:00:00.000000Z");
    expect(lines.find((line) => line.startsWith("shop,1,2,"))).toContain(",10,,30,,35,75");
    const figures = await fixture.call("exportDelivery", { query: { ...query, of: "figures", period: "week" } });
    expect(figures.trimEnd().split("\n")).toHaveLength(8);
    const failed = await fixture.call("exportDelivery", { query: { ...query, of: "deployments", only: "failed" } });
    expect(failed).toContain('"[""issue:OPS-1""]"');
    const parquet = await fixture.call("exportDelivery", { query: { ...query, format: "parquet" } });
    expect([parquet.slice(0, 4), parquet.slice(-4)]).toEqual(["PAR1", "PAR1"]);
    expect(await readdir(fixture.project.staging).catch(() => [])).toEqual([]);
  });

  it("are nothing, and no error, before anybody has computed them", async () => {
    await using empty = await createFiguresFixture();
    expect(await empty.call("showDelivery")).toMatchObject({
      services: [],
      service: null,
      shown: null,
      computed_at: null,
    });
    const query = { service: "shop" };
    expect(await empty.call("listDeliveryChanges", { query })).toEqual({ items: [], next_cursor: null });
    expect(await empty.call("listDeliveryDeployments", { query })).toEqual({ items: [], next_cursor: null });
    expect(await empty.call("listSprints")).toMatchObject({ items: [], boards: [] });
    const refused = await empty.refusal("exportDelivery", { query: { ...query, of: "changes", format: "csv" } });
    expect(refused.code).toBe("DATASET_UNKNOWN");
  });
});
