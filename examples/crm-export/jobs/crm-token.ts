// A token for the jobs behind this one. Each run takes the place of the token before.
import { integrationJob } from "millrace";
import { crmUrl } from "../crm/url.ts";

export default integrationJob({
  name: "crm_token",
  purpose: "authentication",
  source: {
    http: {
      url: `${crmUrl}/oauth/token`,
      method: "POST",
      body: { form: { grant_type: "client_credentials", client_id: "example" } },
      read: { rows: "." },
    },
  },
  convert: [{ sql: "select access_token from source" }],
  checks: [{ notNull: ["access_token"] }, { rowCount: { min: 1, max: 1 } }],
  output: { dataset: "crm_token" },
});
