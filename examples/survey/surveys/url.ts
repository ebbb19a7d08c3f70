// Where the service is: at the address in `url.txt`, if somebody has put one there, or a stand-in for as long as the command runs.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startSurveyService } from "./service.ts";

const file = join(import.meta.dirname, "url.txt");

/** What the service was asked for, for the report. */
export const requestLog: string = resolve(import.meta.dirname, "../out/requests.txt");

export const surveyUrl: string = existsSync(file)
  ? readFileSync(file, "utf8").trim()
  : (await startSurveyService(requestLog)).url;
