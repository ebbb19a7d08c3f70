// One request for each batch of at most 500 conversions of one customer. The rows of the answers are the errors; a batch without any
// lacks them. The service knows idempotency keys, so a request whose answer is lost is sent again with its key.
import { integrationJob } from "millrace";
import { adsUrl } from "../ads/url.ts";

export default integrationJob({
  name: "conversions_upload",
  purpose: "egression",
  inputs: {
    token: { dataset: "ads_token", role: "authentication", fields: ["access_token"] },
    payload: {
      dataset: "conversions",
      role: "payload",
      batch: 500,
      by: ["customer_id"],
      order: ["gclid"],
      fields: ["gclid", "value", "converted_at"],
    },
  },
  source: {
    http: {
      url: `${adsUrl}/customers/{{payload.customer_id}}/conversions`,
      method: "POST",
      auth: { bearer: "{{token.access_token}}" },
      body: { json: { conversions: "{{payload.rows}}", partialFailure: true } },
      ledger: { key: "Idempotency-Key" },
      retry: { wait: "100ms" },
      read: {
        rows: "partialFailure.errors",
        missing: "empty",
        values: { customer_id: "{{payload.customer_id}}", batch: "{{payload.number}}" },
        columns: { gclid: "VARCHAR", code: "VARCHAR", customer_id: "BIGINT", batch: "BIGINT" },
      },
    },
  },
  output: { dataset: "conversions_errors" },
});
