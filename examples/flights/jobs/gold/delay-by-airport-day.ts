import { sqlJob } from "millrace";

export default sqlJob({
  name: "delay_by_airport_day",
  description: "how late each airport's departures were, day by day",
  layer: "gold",
  inputs: ["flights"],
  sql: `
    select
      origin as airport,
      departed_on as day,
      count(*) as flights,
      round(avg(delay_minutes), 2) as mean_delay_minutes,
      cast(quantile_disc(delay_minutes, 0.9) as integer) as p90_delay_minutes,
      count(*) filter (delay_minutes < 15) as on_time_flights
    from flights
    group by all
    order by airport, day`,
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
