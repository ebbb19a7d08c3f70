import { integrationJob } from "millrace";
import { rawData } from "../../raw-data.ts";

export default integrationJob({
  name: "ingest_late_flights",
  description: "20,000 flights that another system delivers as JSON; most are in the big file already",
  layer: "bronze",
  source: { file: { path: rawData("flights-20k.json") } },
  convert: [
    { sql: "select strptime(date, '%Y/%m/%d %H:%M') as date, delay, distance, origin, destination from source" },
  ],
  checks: [
    { references: { origin: "airports.iata", destination: "airports.iata" }, severity: "quarantine" },
    { range: { delay: { min: -120, max: 1_440 } }, severity: "quarantine" },
  ],
  output: { dataset: "late_flights", delta: { path: "lake/bronze/late_flights" } },
});
