// The list, the answers of each survey and day, and a report. The edges follow from the datasets.
import { JobPipeline } from "millrace";
import surveyAnswers from "./jobs/survey-answers.ts";
import surveyList from "./jobs/survey-list.ts";
import surveyReport from "./jobs/survey-report.ts";

export default new JobPipeline("survey_flow", { description: "Answers of surveys, day by day" })
  .addJob(surveyList)
  .addJob(surveyAnswers)
  .addJob(surveyReport);
