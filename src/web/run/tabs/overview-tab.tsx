// The first tab: what failed, then attempts, data, checks and warnings.
import type { ReactElement, ReactNode } from "react";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { FigureTable } from "../../charts/figure-table.tsx";
import { Icon } from "../../components/values/icon.tsx";
import { AttemptsTable } from "./attempts-table.tsx";
import { ChecksTable, Inputs, Outputs } from "./data-uses.tsx";
import { FailedRows } from "./failed-rows.tsx";
import { FirstFailure } from "./first-failure.tsx";
import { LastLines } from "../logs/last-lines.tsx";
import { RichText } from "../rich-text.tsx";
import { useRunLive } from "../use-run.ts";

export function OverviewTab(): ReactElement {
  const { detail, runId } = useRunLive();
  const { attempts, inputs, outputs, checks, metrics, warnings, first_failed_run_id: failedId, state } = detail;
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
          <ul className="warnings">
            {warnings.map(({ job_name: job, message }, index) => (
              <li key={index}>
                <Icon name="warning" /> {job === detail.job_name ? null : <strong>{job}</strong>}{" "}
                <RichText text={message} />
              </li>
            ))}
          </ul>
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

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section className="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
