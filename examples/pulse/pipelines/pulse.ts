// All of it in one run: for the first time, and whenever nobody wants to wait. A repository that fails holds up no figure.
import { JobPipeline } from "millrace";
import dora from "../jobs/dora.ts";
import report from "../jobs/pulse-report.ts";
import sprints from "../jobs/sprints.ts";
import github from "./github.ts";
import jira from "./jira.ts";

const pulse = new JobPipeline<string>("pulse", { description: "collects, computes and reports" });
for (const { job } of [...github.nodes(), ...jira.nodes()]) pulse.addJob(job);
for (const job of [dora, sprints, report]) pulse.addJob(job, { onUpstreamFailure: "continue" });

export default pulse;
