// The answers of each survey, day by day: surveys × days are units that are read, and fail, on their own.
import { integrationJob } from "millrace";
import { surveyUrl } from "../surveys/url.ts";

export default integrationJob({
  name: "survey_answers",
  purpose: "extraction",
  layer: "bronze",
  inputs: { survey: { dataset: "survey_list", role: "activation", key: "id" } },
  partition: "daily",
  watermark: { kind: "time", from: "2026-03-01", to: "2026-03-04", format: "date" },
  source: {
    http: {
      url: `${surveyUrl}/surveys/{{survey.id}}/data`,
      query: { start: "{{window.from}}" },
      read: { rows: "answers" },
      responses: [{ status: 404, then: "skipUnit" }],
      retry: { attempts: 2, wait: "10ms" },
    },
  },
  output: { dataset: "survey_answers", mode: "append" },
});
