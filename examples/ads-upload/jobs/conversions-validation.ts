// Whether less than a tenth of what was sent was refused: a check that fails publishes nothing, and the report is not written.
import { integrationJob } from "millrace";

export default integrationJob({
  name: "conversions_validation",
  purpose: "validation",
  inputs: { sent: { dataset: "conversions", role: "validation" } },
  source: { dataset: "conversions_errors" },
  checks: [{ compare: { base: "sent", errorColumn: "code", criteria: "fail", threshold: 10 } }],
  output: { dataset: "conversions_validation" },
});
