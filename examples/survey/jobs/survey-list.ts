// The surveys that are of interest. Each of them is a unit of the next job.
import { integrationJob } from "millrace";
import { surveyUrl } from "../surveys/url.ts";

export default integrationJob({
  name: "survey_list",
  purpose: "extraction",
  source: { http: { url: `${surveyUrl}/surveys` } },
  convert: [{ sql: "select id, title from source where title <> 'Draft'" }],
  checks: [{ unique: ["id"] }],
  output: { dataset: "survey_list" },
});
