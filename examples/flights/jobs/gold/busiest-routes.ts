import { sqlJob } from "millrace";

export default sqlJob({
  name: "busiest_routes",
  description: "routes by number of flights",
  layer: "gold",
  inputs: ["flights"],
  sql: `
    select
      origin, destination,
      any_value(origin_city) as origin_city,
      any_value(destination_city) as destination_city,
      count(*) as flights,
      any_value(distance_miles) as distance_miles,
      round(avg(delay_minutes), 2) as mean_delay_minutes
    from flights
    group by origin, destination
    order by flights desc, origin, destination`,
  checks: [{ unique: ["origin", "destination"] }, { rowCount: { min: 1_000 } }],
  output: {
    dataset: "busiest_routes",
    delta: { path: "lake/gold/busiest_routes" },
    sqlite: { path: "out/flights.sqlite", table: "busiest_routes" },
  },
});
