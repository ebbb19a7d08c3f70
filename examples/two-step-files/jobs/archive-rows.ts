// The second step: each file is a unit that is read once, 250 in a run and ten at once. What fails is read by the next run.
import { integrationJob } from "millrace";
import { archiveUrl } from "../archive/url.ts";

export default integrationJob({
  name: "archive_rows",
  purpose: "extraction",
  layer: "bronze",
  inputs: { file: { dataset: "archive_list", role: "activation", key: "path" } },
  watermark: { kind: "units" },
  maxUnitsPerRun: 250,
  unitConcurrency: 10,
  source: { http: { url: `${archiveUrl}/{{file.path}}`, read: { format: "csv" } } },
  checks: [{ unique: ["meter", "at"] }],
  output: { dataset: "archive_rows", mode: "append" },
});
