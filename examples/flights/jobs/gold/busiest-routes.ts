import { sqlJob } from "millrace";

export default sqlJob({
  name: "busiest_routes",
  description: "routes by number of flights",
  layer: "gold",
  dialect: "portable",
  inputs: ["flights"],
  sql: `
    select
      origin, destination,
      min(origin_city) as origin_city,
      min(destination_city) as destination_city,
      count(*) as flights,
      min(distance_miles) as distance_miles,
      cast(round(avg(cast(delay_minutes as double)) * 100) as double) / 100 as mean_delay_minutes
    from flights
    group by origin, destination
    order by flights desc nulls last, origin nulls last, destination nulls last`,
  checks: [{ unique: ["origin", "destination"] }, { rowCount: { min: 1_000 } }],
  output: {
    dataset: "busiest_routes",
    delta: { path: "lake/gold/busiest_routes" },
    sqlite: { path: "out/flights.sqlite", table: "busiest_routes" },
  },
});
