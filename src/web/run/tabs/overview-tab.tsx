// The first tab: what failed, then attempts, data, checks and warnings.
import type { ReactElement, ReactNode } from "react";
import type { RunDetail } from "../../../api/run.ts";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { FigureTable } from "../../charts/figure-table.tsx";
import { Icon } from "../../components/values/icon.tsx";
import { AttemptsTable } from "./attempts-table.tsx";
import { ComputedElsewhere } from "./computed-elsewhere.tsx";
import { ChecksTable, Inputs, Outputs } from "./data-uses.tsx";
import { FailedRows } from "./failed-rows.tsx";
import { FirstFailure } from "./first-failure.tsx";
import { LastLines } from "../logs/last-lines.tsx";
import { RichText } from "../rich-text.tsx";
import { useRunLive } from "../use-run.ts";

export function OverviewTab(): ReactElement {
  const { detail, runId } = useRunLive();
  const { attempts, inputs, outputs, computed, checks, metrics, warnings, state } = detail;
  const { first_failed_run_id: failedId } = detail;
  const isEmpty =
    attempts.length + inputs.length + outputs.length + checks.length + metrics.length + warnings.length === 0;
  return (
    <div className="overview">
      {failedId === null || failedId === runId ? (
        state === "ERROR" && attempts.length > 0 && <Part title="Last words">{<LastLines runId={runId} />}</Part>
      ) : (
        <FirstFailure runId={failedId} />
      )}
      {warnings.length === 0 ? null : (
        <Part title="Warnings">
          <Warnings warnings={warnings} job={detail.job_name} />
        </Part>
      )}
      {checks.length === 0 ? null : (
        <Part title="Checks">
          <ChecksTable results={checks} />
          {checks.some(({ passed, severity }) => !passed && severity === "block") ? <FailedRows runId={runId} /> : null}
        </Part>
      )}
      {metrics.length === 0 ? null : (
        <Part title="Figures">
          <FigureTable label="Figures of the run" values={metrics} isOfRun />
        </Part>
      )}
      {outputs.length === 0 ? null : (
        <Part title="Outputs">
          <Outputs uses={outputs} />
        </Part>
      )}
      {computed.length === 0 ? null : (
        <Part title="Computed on">
          <ComputedElsewhere places={computed} job={detail.job_name} />
        </Part>
      )}
      {inputs.length === 0 ? null : (
        <Part title="Inputs">
          <Inputs uses={inputs} />
        </Part>
      )}
      {attempts.length === 0 ? null : (
        <Part title="Attempts">
          <AttemptsTable attempts={attempts} />
        </Part>
      )}
      {isEmpty && failedId === null ? (
        <EmptyState icon="clock" title="It has not started yet" commands={[`millrace why ${runId}`]}>
          Attempts, datasets and checks appear here as it executes.
        </EmptyState>
      ) : null}
    </div>
  );
}

/** @param job of the page, which goes without saying */
function Warnings({
  warnings,
  job: own,
}: {
  readonly warnings: RunDetail["warnings"];
  readonly job: string;
}): ReactElement {
  return (
    <ul className="warnings">
      {warnings.map(({ job_name: job, message }, index) => (
        <li key={index}>
          <Icon name="warning" /> {job === own ? null : <strong>{job}</strong>} <RichText text={message} />
        </li>
      ))}
    </ul>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section className="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
