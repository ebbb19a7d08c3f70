import { JobPipeline } from "millrace";
import ingestAirports from "./jobs/bronze/ingest-airports.ts";
import ingestFlights from "./jobs/bronze/ingest-flights.ts";
import ingestLateFlights from "./jobs/bronze/ingest-late-flights.ts";
import busiestRoutes from "./jobs/gold/busiest-routes.ts";
import delayByAirportDay from "./jobs/gold/delay-by-airport-day.ts";
import onTimeRanking from "./jobs/gold/on-time-ranking.ts";
import report from "./jobs/flights-report.ts";
import cleanFlights from "./jobs/silver/clean-flights.ts";

// The edges come from the datasets: a job that reads one runs after the job that publishes it.
export default new JobPipeline("flights", {
  description: "US flights of 2001, from raw files to published tables and a report",
})
  .addJob(ingestAirports)
  .addJob(ingestFlights)
  .addJob(ingestLateFlights)
  .addJob(cleanFlights)
  .addJob(delayByAirportDay)
  .addJob(busiestRoutes)
  .addJob(onTimeRanking)
  .addJob(report);
