import { sqlJob } from "millrace";

export default sqlJob({
  name: "clean_flights",
  description: "one row a flight, typed, with the place of both airports",
  layer: "silver",
  dialect: "portable",
  inputs: ["raw_flights", "late_flights", "airports"],
  sql: `
    with flights as (
      select distinct date, delay, distance, origin, destination from raw_flights
      union
      select date, delay, distance, origin, destination from late_flights
    )
    select
      f.date as departed_at,
      cast(f.date as date) as departed_on,
      cast(month(f.date) as bigint) as month,
      cast(round(f.delay) as integer) as delay_minutes,
      cast(round(f.distance) as integer) as distance_miles,
      f.origin, o.city as origin_city, o.state as origin_state,
      f.destination, d.city as destination_city, d.state as destination_state
    from flights f
    join airports o on o.iata = f.origin
    join airports d on d.iata = f.destination`,
  checks: [
    { notNull: ["departed_at", "origin_city", "destination_city"] },
    { range: { delay_minutes: { min: -120, max: 1_440 } } },
    { rowCount: { min: 2_900_000, max: 3_020_000 } },
    { name: "origin_is_not_destination", sql: "select * from rows where origin = destination", severity: "warn" },
  ],
  output: { dataset: "flights", delta: { path: "lake/silver/flights", partitionBy: ["month"] } },
});
