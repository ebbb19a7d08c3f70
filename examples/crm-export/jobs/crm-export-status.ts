// Asks again until the export is there. Between two questions the run holds no worker, also when that takes hours.
import { integrationJob } from "millrace";
import { crmUrl } from "../crm/url.ts";

export default integrationJob({
  name: "crm_export_status",
  purpose: "status_check",
  inputs: {
    token: { dataset: "crm_token", role: "authentication", fields: ["access_token"] },
    export: { dataset: "crm_export", role: "activation", key: "export_id" },
  },
  source: {
    http: {
      url: `${crmUrl}/exports/{{export.export_id}}`,
      auth: { bearer: "{{token.access_token}}" },
      ready: { path: "status", is: "success", failed: "errored" },
      read: { rows: "." },
    },
  },
  wait: { every: "200ms", timeout: "1m" },
  convert: [{ sql: "select id as export_id, status, rows as expected_rows from source" }],
  output: { dataset: "crm_export_status" },
});
