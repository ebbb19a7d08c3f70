import { sqlJob } from "millrace";

export default sqlJob({
  name: "on_time_ranking",
  description: "airports with at least 1,000 departures, the most punctual first",
  layer: "gold",
  dialect: "portable",
  inputs: ["delay_by_airport_day", "airports"],
  sql: `
    with totals as (
      select
        airport,
        sum(flights) as flights,
        cast(sum(on_time_flights) as double) / nullif(sum(flights), 0) as on_time_share,
        sum(mean_delay_minutes * cast(flights as double)) / nullif(sum(flights), 0) as mean_delay_minutes
      from delay_by_airport_day
      group by airport
      having sum(flights) >= 1000
    )
    select
      cast(row_number() over (order by t.on_time_share desc nulls last, t.airport nulls last) as integer) as rank,
      t.airport,
      a.city,
      a.state,
      cast(round(t.flights) as bigint) as flights,
      cast(round(t.on_time_share * 10000) as double) / 10000 as on_time_share,
      cast(round(t.mean_delay_minutes * 10) as double) / 10 as mean_delay_minutes
    from totals t
    join airports a on a.iata = t.airport
    order by rank nulls last`,
  checks: [{ unique: ["airport"] }, { unique: ["rank"] }, { range: { on_time_share: { min: 0, max: 1 } } }],
  output: {
    dataset: "on_time_ranking",
    delta: { path: "lake/gold/on_time_ranking" },
    parquet: { path: "out/on_time_ranking.parquet" },
    sqlite: { path: "out/flights.sqlite", table: "on_time_ranking" },
  },
});
