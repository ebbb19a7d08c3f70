import { integrationJob } from "millrace";
import { rawData } from "../../raw-data.ts";

export default integrationJob({
  name: "ingest_airports",
  description: "3,376 airports with their place",
  layer: "bronze",
  source: { file: { path: rawData("airports.csv") } },
  checks: [{ notNull: ["iata", "latitude", "longitude"] }, { unique: ["iata"] }, { rowCount: { min: 3_000 } }],
  output: { dataset: "airports", delta: { path: "lake/bronze/airports" } },
});
