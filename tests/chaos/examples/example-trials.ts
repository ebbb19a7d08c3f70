// What has to be known of an example to kill it: how its service starts, which tables it leaves, and what its service is promised.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAdsService, type Upload } from "../../../examples/ads-upload/ads/service.ts";
import { startCrmService } from "../../../examples/crm-export/crm/service.ts";
import { startSurveyService } from "../../../examples/survey/surveys/service.ts";
import { startArchiveService } from "../../../examples/two-step-files/archive/service.ts";

export interface ExampleService {
  readonly url: string;
  /** What it has done that changed something, in a form that does not depend on keys. */
  carriedOut(): readonly string[];
  close(): void;
}

export interface ExampleTrial {
  /** Its folder in `examples`. */
  readonly name: string;
  /** Where its jobs look for the address of the service, in the project. Without one the example serves itself, and is killed by the clock. */
  readonly urlFile?: string;
  /** How it differs from what people run. */
  readonly note?: string;
  /** What `steps.txt` says, unless less of it is enough. */
  readonly steps?: readonly string[];
  /** Tables of the lake. Authentications are not among them: they are encrypted, each time in another way. */
  readonly datasets: readonly string[];
  /** Requests that are written down before they are sent: each has a key. */
  readonly ledger?: RegExp;
  /** Requests whose units are read once: no later run asks for one that was read by a run that has finished. */
  readonly units?: RegExp;
  /** Lines of its report that are the same however often something was asked for. */
  readonly report?: RegExp;
  /** @param project folder of the copy */
  startService(project: string): Promise<ExampleService>;
}

/** What is collected of an organisation, and the figures of it; not what is about the time of reading. */
const pulseDatasets = {
  github:
    "repositories pull_requests pull_request_commits reviews pull_request_events commits deployments deployment_statuses deployment_commits releases workflow_runs",
  jira: "projects boards sprints issues changes statuses issue_metrics flow",
  delivery: "services deployments changes commit_leads incidents dora pull_request_metrics pull_request_figures",
  sprint: "metrics burndown scope",
};

export const exampleTrials: readonly ExampleTrial[] = [
  {
    name: "crm-export",
    urlFile: "crm/url.txt",
    datasets: ["crm_export", "crm_export_status", "contacts", "contacts_validation"],
    ledger: /^POST \/exports$/,
    report: /./,
    startService: async () => {
      const crm = await startCrmService();
      return asService(crm, () => crm.exports.map((_, index) => `export ${index + 1}`));
    },
  },
  {
    name: "ads-upload",
    urlFile: "ads/url.txt",
    datasets: ["conversions", "conversions_errors", "conversions_validation"],
    ledger: /^POST \/customers\//,
    report: /./,
    startService: async () => {
      const ads = await startAdsService({ losesOne: true });
      return asService(ads, () => ads.uploads.map(describeUpload));
    },
  },
  {
    name: "two-step-files",
    urlFile: "archive/url.txt",
    datasets: ["archive_list", "archive_rows"],
    units: /^GET \/meters\//,
    report: /^(?:files|rows|meters|value) /,
    startService: async (project) => asService(await startArchiveService(join(project, "out/downloads.txt"))),
  },
  {
    name: "survey",
    urlFile: "surveys/url.txt",
    datasets: ["survey_list", "survey_answers"],
    units: /^GET \/surveys\/\d+\/data/,
    startService: async (project) => asService(await startSurveyService(join(project, "out/requests.txt"))),
  },
  {
    name: "pulse",
    note: "an organisation of 8 repositories, 120 pull requests and 160 issues, collected and measured once",
    steps: ["run github_job", "run jira_job", "run dora", "run sprints", "run pulse_report"],
    datasets: Object.entries(pulseDatasets).flatMap(([kind, names]) =>
      names.split(" ").map((name) => `${kind}_${name}`),
    ),
    report: /./,
    startService: async (project) => {
      await writeFile(join(project, "organisation/organisation.ts"), smallOrganisation);
      return { url: "http://127.0.0.1:9", carriedOut: () => [], close: () => undefined };
    },
  },
];

/** Large enough that its servers fail once while it is read, small enough that a trial is short. */
const smallOrganisation = `import { createOrganisation, type Organisation } from "./create-organisation.ts";

export const organisation: Organisation = createOrganisation({
  repositories: 8,
  pullRequests: 120,
  deployments: 60,
  projects: 2,
  issues: 160,
  sprints: 8,
});
`;

function asService(
  service: Pick<ExampleService, "url" | "close">,
  carriedOut: ExampleService["carriedOut"] = () => [],
): ExampleService {
  return { url: service.url, carriedOut, close: () => service.close() };
}

function describeUpload({ customer, conversions }: Upload): string {
  const print = createHash("sha256").update(JSON.stringify(conversions)).digest("hex");
  return `${customer}: ${conversions.length} rows, ${print}`;
}
