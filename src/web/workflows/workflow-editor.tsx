// What statuses of a project mean, to be looked at and changed: a change names the version that was looked at, so that of two people
// who change the same one the second is told.
import { useState, type FormEvent, type ReactElement } from "react";
import type { Workflow } from "../../api/delivery/workflow.ts";
import { useToast } from "../components/actions/toast.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { useApiAction } from "../queries/use-api.ts";
import { ReasonField } from "../state/reason-field.tsx";
import { changeDraft, type SayingDraft } from "./draft-sayings.ts";
import { StatusTable } from "./status-table.tsx";

interface Draft {
  readonly sayings: SayingDraft;
  /** That was looked at when the draft was begun. */
  readonly version: number;
  readonly reason: string;
}

export function WorkflowEditor({ workflow }: { readonly workflow: Workflow }): ReactElement {
  const mayChange = useMayCall("putWorkflow");
  const seen = Math.max(workflow.version, workflow.edits[0]?.version ?? 0);
  const [draft, setDraft] = useState<Draft>();
  const put = useApiAction("putWorkflow", ["showWorkflow", "listWorkflows"]);
  const toast = useToast();
  const { sayings = {}, version = seen, reason = "" } = draft ?? {};
  const statuses = Object.values(sayings);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const given = reason.trim();
    const body = { version, statuses, ...(given === "" ? {} : { reason: given }) };
    put.mutate(
      { params: { project_key: workflow.project_key }, body },
      {
        onSuccess: ({ version: made, run_id: run }) => {
          toast({ tone: "good", text: `version ${made} counts as soon as run ${run} has ended` });
          setDraft(undefined);
        },
      },
    );
  };
  return (
    <form className="form" onSubmit={save}>
      <StatusTable
        statuses={workflow.statuses}
        draft={sayings}
        mayChange={mayChange}
        onChange={(status, change) => setDraft({ sayings: changeDraft(sayings, status, change), version, reason })}
      />
      {mayChange ? null : <p className="muted">To change this needs the role {leastRole("putWorkflow")}.</p>}
      {statuses.length === 0 ? null : (
        <>
          <ReasonField
            label="Why (kept with the version)"
            value={reason}
            onChange={(next) => setDraft({ sayings, version, reason: next })}
          />
          <p className="muted">
            Issues of the project are computed again by the next run of the job that makes figures of them.
          </p>
        </>
      )}
      {put.error === null ? null : <ErrorState error={put.error} />}
      {statuses.length === 0 ? null : (
        <div className="dialog-actions">
          <button type="button" className="button" onClick={() => setDraft(undefined)}>
            Discard
          </button>
          <button type="submit" className="button button-primary" disabled={put.isPending}>
            Save {statuses.length} {statuses.length === 1 ? "change" : "changes"}
          </button>
        </div>
      )}
    </form>
  );
}
