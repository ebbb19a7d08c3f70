// A token for the upload. Exactly one row: the purpose sees to it.
import { integrationJob } from "millrace";
import { adsUrl } from "../ads/url.ts";

export default integrationJob({
  name: "ads_token",
  purpose: "authentication",
  source: {
    http: {
      url: `${adsUrl}/oauth/token`,
      method: "POST",
      body: { form: { grant_type: "client_credentials", client_id: "example" } },
      read: { rows: "." },
    },
  },
  convert: [{ sql: "select access_token from source" }],
  output: { dataset: "ads_token" },
});
