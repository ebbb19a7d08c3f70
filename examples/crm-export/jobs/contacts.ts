// The rows of the export, page after page.
import { integrationJob } from "millrace";
import { crmUrl } from "../crm/url.ts";

export default integrationJob({
  name: "contacts",
  purpose: "extraction",
  layer: "bronze",
  inputs: {
    token: { dataset: "crm_token", role: "authentication", fields: ["access_token"] },
    export: { dataset: "crm_export_status", role: "activation", key: "export_id" },
  },
  source: {
    http: {
      url: `${crmUrl}/exports/{{export.export_id}}/rows`,
      auth: { bearer: "{{token.access_token}}" },
      query: { after: "{{page.cursor?}}" },
      pagination: { kind: "cursor", path: "next" },
      read: { rows: "items" },
    },
  },
  convert: [{ sql: "select * replace (cast(revenue as decimal(18,2)) as revenue) from source" }],
  checks: [{ unique: ["id"] }, { notNull: ["id", "email"] }],
  output: { dataset: "contacts", mode: "merge", key: ["id"] },
});
