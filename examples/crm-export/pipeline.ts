// Token, export, its state, its rows, and whether all of them came. The edges follow from the datasets.
import { JobPipeline } from "millrace";
import contacts from "./jobs/contacts.ts";
import contactsValidation from "./jobs/contacts-validation.ts";
import crmExport from "./jobs/crm-export.ts";
import crmExportStatus from "./jobs/crm-export-status.ts";
import crmReport from "./jobs/crm-report.ts";
import crmToken from "./jobs/crm-token.ts";

export default new JobPipeline("crm_export_flow", { description: "An export of a CRM, from the token to the report" })
  .addJob(crmToken)
  .addJob(crmExport)
  .addJob(crmExportStatus)
  .addJob(contacts)
  .addJob(contactsValidation)
  .addJob(crmReport);
