// The rows that the shop delivers: five versions of each promotion, with the dirt of real deliveries. The same number gives the same rows.

/** One `select` of some rows, a few of which come twice. */
export function selectDeliveries(rows: number): string {
  return `
    with versions as (${versions(rows)}), dirty as (${dirty})
    select * from dirty
    union all
    -- a delivery that was sent again, whole
    select * from dirty where budget % 13 = 0`;
}

/** Of a version `n`: its promotion, and how many versions of that came before. */
const versions = (count: number): string => `
  select n, n % ${promotionsOf(count)} as promotion, n // ${promotionsOf(count)} as version from range(${count}) versions(n)`;

/** Currencies as people type them, discounts of nowhere, validities that reach into the next one, versions that come a month late. */
const dirty = `
  select
    format('P{:07d}', promotion) as promo_id,
    '  Promotion ' || promotion || case when n % 3 = 0 then ' ' else '' end as name,
    case
      when n % 41 = 0 then 'eur'
      when n % 43 = 0 then 'US$'
      when n % 47 = 0 then null
      when n % 53 = 0 then 'XXX'
      else ['EUR', 'USD', 'GBP', 'SEK'][n % 4 + 1]
    end as currency,
    case when n % 211 = 0 then 140 else (5 + n * 7 % 60) end::decimal(9, 2) as discount_percent,
    (1000 + n * 7919 % 90000)::decimal(12, 2) as budget,
    date '2024-01-01' + (version * 10 + promotion % 5)::integer as valid_from,
    date '2024-01-01' + (version * 10 + promotion % 5 + 14)::integer as valid_to,
    timestamp '2024-01-01 06:00:00' + to_days(version::integer) + to_seconds(n % 3600) as updated_at,
    timestamp '2024-01-02 00:00:00' + to_days((version + case when n % 97 = 0 then 30 else 0 end)::integer) as delivered_at
  from versions`;

function promotionsOf(rows: number): number {
  return Math.floor(rows / 5);
}
