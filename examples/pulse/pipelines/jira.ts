import { jiraJob } from "millrace";
import { accounts } from "../accounts.ts";

export default jiraJob({
  name: "jira_job",
  projects: accounts.projects,
  schedule: { every: "6h", fastRecovery: "1h" },
});
