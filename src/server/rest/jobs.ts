// Jobs and pipelines as the home screen and their own pages show them.
import type { JobDetail, JobOverview, JobsQuery } from "../../api/job.ts";
import type { Page } from "../../api/page.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { explainJob } from "../../orchestrator/explain/explain-job.ts";
import { isScheduled } from "../../orchestrator/scheduling/is-scheduled.ts";
import type { Handlers } from "../handler.ts";
import { type DefinedJob, listDefinedJobs, loadJobOverviews } from "../views/load-job-overviews.ts";
import { requireDefinition, requireJobName } from "../require-job.ts";
import type { ServerServices } from "../server-services.ts";
import { toJobExplanation } from "../views/to-explanation.ts";
import { toJobDefinition, toJobDefinitionView } from "../views/to-job-detail.ts";

const defaultLimit = 50;

/** What the project defines at the moment of the request. */
export function createJobHandlers(services: ServerServices): Handlers<"listJobs" | "showJob" | "explainJob"> {
  return {
    listJobs: async ({ query }) => await listJobs(services, query),
    showJob: async ({ params }) => await showJob(services, params.job_name),
    async explainJob({ params: { job_name: job } }) {
      await requireJobName(services, job);
      const definitions = services.definitions();
      const { stream } = definitions.jobs.get(job) ?? {};
      const explanation = await explainJob(services.store, job, isScheduled(definitions, job), stream);
      return toJobExplanation(job, explanation);
    },
  };
}

// By name; the cursor of the next page is the last name of this one.
async function listJobs(
  services: ServerServices,
  { cursor, limit = defaultLimit, q, state, members = true, definition: isDetailed = false }: JobsQuery,
): Promise<Page<JobOverview>> {
  const text = q?.trim().toLowerCase() ?? "";
  const named = listDefinedJobs(services).filter(
    (job) => matches(job, text) && (members || job.pipelines.length === 0),
  );
  const listed = state === undefined ? named : await keepState(services, named, state);
  const rest = cursor === undefined ? listed : listed.filter(({ definition }) => definition.name > cursor);
  const page = rest.slice(0, limit);
  const overviews = await loadJobOverviews(services, page);
  return {
    items: isDetailed ? overviews.map((overview) => withDefinition(services, overview)) : overviews,
    next_cursor: rest.length > limit ? (page.at(-1)?.definition.name ?? null) : null,
  };
}

function withDefinition({ definitions }: ServerServices, overview: JobOverview): JobOverview {
  const { job_name: name } = overview;
  return { ...overview, definition: toJobDefinition(definitions().find(name), definitions().fileOf(name)) };
}

function matches({ definition: { name, description = "" } }: DefinedJob, text: string): boolean {
  return name.includes(text) || description.toLowerCase().includes(text);
}

async function keepState(
  { store }: ServerServices,
  jobs: readonly DefinedJob[],
  state: NonNullable<JobsQuery["state"]>,
): Promise<readonly DefinedJob[]> {
  const newest = await store.listRecentRuns(
    jobs.map(({ definition }) => definition.name),
    1,
  );
  const stateOf = new Map(newest.map((run) => [run.job, run.state]));
  return jobs.filter(({ definition }) => (stateOf.get(definition.name) ?? "NOT_STARTED") === state);
}

async function showJob(services: ServerServices, name: string): Promise<JobDetail> {
  const definition = requireDefinition(services, name);
  const job = listDefinedJobs(services).find((candidate) => candidate.definition === definition);
  const [overview] = await loadJobOverviews(services, job === undefined ? [] : [job]);
  if (overview === undefined) throw new MillraceError("JOB_UNKNOWN", `unknown job or pipeline \`${name}\``);
  return { ...overview, ...toJobDefinitionView(definition, services.definitions().fileOf(name)) };
}
