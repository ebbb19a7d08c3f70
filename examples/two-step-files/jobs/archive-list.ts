// The first step: which files there are.
import { integrationJob } from "millrace";
import { archiveUrl } from "../archive/url.ts";

export default integrationJob({
  name: "archive_list",
  purpose: "extraction",
  source: { http: { url: `${archiveUrl}/files`, read: { rows: "files" } } },
  checks: [{ unique: ["path"] }],
  output: { dataset: "archive_list" },
});
