import { integrationJob } from "millrace";
import { rawData } from "../../raw-data.ts";

export default integrationJob({
  name: "ingest_flights",
  description: "3,000,000 US flights of the first half of 2001",
  layer: "bronze",
  source: { file: { path: rawData("flights-3m.parquet") } },
  checks: [
    { notNull: ["date", "delay", "distance", "origin", "destination"] },
    // A code that no airport has, or a delay that cannot be, is set aside and counted.
    { references: { origin: "airports.iata", destination: "airports.iata" }, severity: "quarantine" },
    { range: { delay: { min: -120, max: 1_440 } }, severity: "quarantine" },
    { range: { distance: { min: 1, max: 6_000 } }, severity: "warn" },
    { rowCount: { min: 2_900_000 } },
  ],
  output: { dataset: "raw_flights", delta: { path: "lake/bronze/flights" } },
});
