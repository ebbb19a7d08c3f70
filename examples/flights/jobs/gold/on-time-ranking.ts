import { sqlJob } from "millrace";

export default sqlJob({
  name: "on_time_ranking",
  description: "airports with at least 1,000 departures, the most punctual first",
  layer: "gold",
  inputs: ["delay_by_airport_day", "airports"],
  sql: `
    select
      cast(row_number() over (order by sum(d.on_time_flights) / sum(d.flights) desc, d.airport) as integer) as rank,
      d.airport,
      any_value(a.city) as city,
      any_value(a.state) as state,
      cast(sum(d.flights) as bigint) as flights,
      round(sum(d.on_time_flights) / sum(d.flights), 4) as on_time_share,
      round(sum(d.mean_delay_minutes * d.flights) / sum(d.flights), 1) as mean_delay_minutes
    from delay_by_airport_day d
    join airports a on a.iata = d.airport
    group by d.airport
    having sum(d.flights) >= 1000
    order by rank`,
  checks: [{ unique: ["airport"] }, { unique: ["rank"] }, { range: { on_time_share: { min: 0, max: 1 } } }],
  output: {
    dataset: "on_time_ranking",
    delta: { path: "lake/gold/on_time_ranking" },
    parquet: { path: "out/on_time_ranking.parquet" },
    sqlite: { path: "out/flights.sqlite", table: "on_time_ranking" },
  },
});
