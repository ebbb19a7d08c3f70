// The screen of workflows: what the statuses of each project of Jira mean, who has said so, and since when.
import "../../styles/panels.css";
import "../../delivery/delivery.css";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { WorkflowSummary } from "../../../api/delivery/workflow.ts";
import { PageHeader } from "../../components/frame/page-header.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { RelativeTime } from "../../components/values/time.tsx";
import { useApi } from "../../queries/use-api.ts";
import { EditHistory } from "../../workflows/edit-history.tsx";
import { WorkflowEditor } from "../../workflows/workflow-editor.tsx";

const route = getRouteApi("/workflows");

/** An edit counts when its run has ended, so the screen looks again. */
const refetchMs = 10_000;

export function WorkflowsScreen(): ReactElement {
  const { data, error, refetch } = useApi("listWorkflows", {}, { refetchMs: 60_000 });
  return (
    <div className="screen">
      {error !== null && data === undefined ? (
        <>
          <PageHeader title="Workflows" />
          <ErrorState error={error} retry={() => void refetch()} />
        </>
      ) : data === undefined ? (
        <>
          <PageHeader title="Workflows" />
          <Skeleton lines={8} label="Loading workflows" />
        </>
      ) : data.items.length === 0 ? (
        <>
          <PageHeader title="Workflows" />
          <EmptyState title="No statuses were collected yet" icon="checks" commands={["millrace jobs"]}>
            A job that collects projects of Jira publishes what their statuses mean.
          </EmptyState>
        </>
      ) : (
        <Workflows projects={data.items} />
      )}
    </div>
  );
}

function Workflows({ projects }: { readonly projects: readonly WorkflowSummary[] }): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const project = search.project ?? projects[0]?.project_key ?? "";
  return (
    <>
      <PageHeader title="Workflows">
        What each status means decides what counts as begun, as waiting and as done.
      </PageHeader>
      <div className="filters" role="search" aria-label="Choose a project">
        <label className="field-inline">
          <span className="muted">Project</span>
          <select
            className="filter"
            value={project}
            onChange={(event) => void navigate({ search: { ...search, project: event.target.value }, replace: true })}
          >
            {projects.map((each) => (
              <option key={each.project_key} value={each.project_key}>
                {describeProject(each)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <WorkflowOf key={project} project={project} />
    </>
  );
}

function WorkflowOf({ project }: { readonly project: string }): ReactElement {
  const { data, error, refetch } = useApi("showWorkflow", { params: { project_key: project } }, { refetchMs });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading statuses" />;
  return (
    <>
      <section className="card" aria-labelledby="statuses-title">
        <h2 id="statuses-title">Statuses of {project}</h2>
        <p className="muted">
          {data.version === 0 ? "As Jira says" : `Version ${data.version}`}
          {data.computed_at === null ? null : (
            <>
              , computed <RelativeTime at={data.computed_at} />
            </>
          )}
        </p>
        <WorkflowEditor workflow={data} />
      </section>
      <section className="card" aria-labelledby="versions-title">
        <h2 id="versions-title">What people have said</h2>
        <EditHistory workflow={data} />
      </section>
    </>
  );
}

function describeProject({ project_key: key, unknown }: WorkflowSummary): string {
  return unknown === 0 ? key : `${key}, ${unknown} not known`;
}
