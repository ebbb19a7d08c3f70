// Starts a run with params and a window: a form from the job's schema, or JSON.
import { useNavigate } from "@tanstack/react-router";
import { useId, useMemo, useState, type FormEvent, type ReactElement } from "react";
import { type JobDetail } from "../../api/job.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { useApiAction } from "../queries/use-api.ts";
import { initialDraft, toParamFields, type ParamsDraft } from "./params-fields.ts";
import { ParamsForm } from "./params-form.tsx";
import { readJsonParams, readParams } from "./read-params.ts";

/** Open while it is mounted. Problems show after the first try. */
export function StartDialog({ job, onClose }: { readonly job: JobDetail; readonly onClose: () => void }): ReactElement {
  const fields = useMemo(() => toParamFields(job.params_schema), [job.params_schema]);
  const [draft, setDraft] = useState<ParamsDraft>(() => (fields === null ? {} : initialDraft(fields)));
  const [window, setWindow] = useState({ from: "", to: "" });
  const [wasTried, setTried] = useState(false);
  const start = useApiAction("startJob", ["listJobs", "showJob", "listRuns", "showGrid"]);
  const navigate = useNavigate();
  const toast = useToast();
  const { params, problems } = fields === null ? readJsonParams(draft[""] ?? "") : readParams(fields, draft);
  const hasWindow = window.from !== "" || window.to !== "";
  const windowProblem =
    hasWindow && !(window.from !== "" && window.to !== "" && window.from < window.to)
      ? "expected two times, the first before the second"
      : null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (params === null || windowProblem !== null) return;
    start.mutate(
      { params: { job_name: job.job_name }, body: { params, ...(hasWindow ? { window: toInstants(window) } : {}) } },
      {
        onSuccess: ({ run_id: runId, created }) => {
          toast({
            tone: "good",
            text: created ? `started ${job.job_name} as ${runId}` : `${job.job_name} is under way already as ${runId}`,
          });
          void navigate({ to: "/runs/$runId", params: { runId } });
        },
      },
    );
  };
  return (
    <Dialog isOpen title={`Start ${job.job_name}`} onClose={onClose}>
      <form className="form" noValidate onSubmit={submit}>
        <ParamsForm
          fields={fields}
          draft={draft}
          problems={wasTried ? problems : new Map()}
          onChange={(name, text) => setDraft((before) => ({ ...before, [name]: text }))}
        />
        <details>
          <summary>Window (for jobs that work on a time range)</summary>
          <WindowFields value={window} problem={wasTried ? windowProblem : null} onChange={setWindow} />
        </details>
        {start.error === null ? null : <ErrorState error={start.error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={start.isPending}>
            <Icon name="play" /> Start
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export interface WindowText {
  readonly from: string;
  readonly to: string;
}

interface WindowFieldsProps {
  readonly value: WindowText;
  readonly problem: string | null;
  readonly onChange: (value: WindowText) => void;
}

/** Two times in UTC, as the orchestrator counts windows. */
export function WindowFields({ value, problem, onChange }: WindowFieldsProps): ReactElement {
  const id = useId();
  return (
    <div className="window-fields">
      {(["from", "to"] as const).map((end) => (
        <div key={end} className="field">
          <label htmlFor={`${id}-${end}`}>{end === "from" ? "From (UTC)" : "To (UTC, not included)"}</label>
          <input
            id={`${id}-${end}`}
            type="datetime-local"
            value={value[end]}
            aria-describedby={`${id}-problem`}
            aria-invalid={problem !== null}
            onChange={(event) => onChange({ ...value, [end]: event.target.value })}
          />
        </div>
      ))}
      <span id={`${id}-problem`} className="field-error" role="status">
        {problem}
      </span>
    </div>
  );
}

/** What the fields hold, as instants. */
export function toInstants({ from, to }: WindowText): WindowText {
  const toInstant = (text: string): string => new Date(`${text}Z`).toISOString();
  return { from: toInstant(from), to: toInstant(to) };
}
