// Asks the CRM for an export of what changed. A POST is never sent twice unless the job says that it may be: the CRM makes one export
// for each idempotency key, so a request whose answer is lost is sent again with its key.
import { integrationJob } from "millrace";
import { crmUrl } from "../crm/url.ts";

export default integrationJob({
  name: "crm_export",
  purpose: "initiation",
  inputs: { token: { dataset: "crm_token", role: "authentication", fields: ["access_token"] } },
  source: {
    http: {
      url: `${crmUrl}/exports`,
      method: "POST",
      auth: { bearer: "{{token.access_token}}" },
      body: { json: { fields: ["id", "email", "country", "revenue", "changed_at"] } },
      ledger: { key: "Idempotency-Key" },
      read: { rows: "." },
    },
  },
  convert: [{ sql: "select id as export_id from source" }],
  checks: [{ notNull: ["export_id"] }],
  output: { dataset: "crm_export" },
});
