// Whether as many rows came as the CRM has said: a check that fails publishes nothing.
import { sqlJob } from "millrace";

export default sqlJob({
  name: "contacts_validation",
  purpose: "validation",
  inputs: ["contacts", "crm_export_status"],
  sql: `select export_id, expected_rows, (select count(*) from contacts) as came from crm_export_status`,
  checks: [{ sql: "select * from rows where came <> expected_rows", name: "all_rows_came" }],
  output: { dataset: "contacts_validation" },
});
