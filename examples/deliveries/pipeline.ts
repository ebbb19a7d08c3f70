// The edges follow from the datasets: ingest, then sales, then the report.
import { JobPipeline } from "millrace";
import dailySales from "./jobs/daily-sales.ts";
import deliveriesReport from "./jobs/deliveries-report.ts";
import ingestOrders from "./jobs/ingest-orders.ts";

export default new JobPipeline("deliveries", { description: "Orders that come as a file a day" })
  .addJob(ingestOrders)
  .addJob(dailySales)
  .addJob(deliveriesReport);
