import { sqlJob } from "millrace";

export default sqlJob({
  name: "delay_by_airport_day",
  description: "how late each airport's departures were, day by day",
  layer: "gold",
  dialect: "portable",
  inputs: ["flights"],
  sql: `
    select
      origin as airport,
      departed_on as day,
      count(*) as flights,
      cast(round(avg(cast(delay_minutes as double)) * 100) as double) / 100 as mean_delay_minutes,
      cast(round(percentile_disc(0.9) within group (order by delay_minutes)) as integer) as p90_delay_minutes,
      count(*) filter (where delay_minutes < 15) as on_time_flights
    from flights
    group by all
    order by airport nulls last, day nulls last`,
  checks: [
    { unique: ["airport", "day"] },
    { references: { airport: "airports.iata" } },
    { range: { flights: { min: 1 } } },
  ],
  output: {
    dataset: "delay_by_airport_day",
    delta: { path: "lake/gold/delay_by_airport_day" },
    parquet: { path: "out/delay_by_airport_day.parquet" },
  },
});
