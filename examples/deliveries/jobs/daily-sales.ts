// What was sold on each day, from all deliveries so far.
import { sqlJob } from "millrace";

export default sqlJob({
  name: "daily_sales",
  layer: "gold",
  inputs: ["orders"],
  sql: "select day, count(*) as orders, sum(total) as sales from orders group by day",
  checks: [{ unique: ["day"] }, { rowCount: { min: 1 } }],
  output: { dataset: "daily_sales" },
});
