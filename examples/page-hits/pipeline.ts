// The log, two counts of it side by side, and a report of both. The log is no dataset, so the counts say what they wait for.
import { JobPipeline } from "millrace";
import hitsReport from "./jobs/hits-report.ts";
import pageHitsDeclared from "./jobs/page-hits-declared.ts";
import pageHits from "./jobs/page-hits.ts";
import writeLogs from "./jobs/write-logs.ts";

export default new JobPipeline("page_hits_flow", { description: "Hits by page of an access log, in two ways" })
  .addJob(writeLogs)
  .addJob(pageHits, { dependsOn: ["write_logs"] })
  .addJob(pageHitsDeclared, { dependsOn: ["write_logs"] })
  .addJob(hitsReport);
