// Preparation, token, upload, and whether too much of it was refused. The edges follow from the datasets.
import { JobPipeline } from "millrace";
import adsToken from "./jobs/ads-token.ts";
import conversions from "./jobs/conversions.ts";
import conversionsUpload from "./jobs/conversions-upload.ts";
import conversionsValidation from "./jobs/conversions-validation.ts";
import uploadReport from "./jobs/upload-report.ts";

export default new JobPipeline("ads_upload_flow", {
  description: "Conversions to an advertising service, and what came of them",
})
  .addJob(conversions)
  .addJob(adsToken)
  .addJob(conversionsUpload)
  .addJob(conversionsValidation)
  .addJob(uploadReport);
