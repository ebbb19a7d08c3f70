import { doraJob } from "millrace";
import { accounts } from "../accounts.ts";

export default doraJob({
  name: "dora",
  // at half past, when what was collected at the full hour is there; over the same rows it publishes nothing
  schedule: { cron: "30 * * * *" },
  services: accounts.services,
  incidents: { jira: { types: ["Incident"] } },
});
