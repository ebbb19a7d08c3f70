// Shows what a job remembers: its watermarks and the checkpoints of its runs. The job's tab and the screen of its own
// both use it.
import type { ReactElement } from "react";
import "./state.css";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { useApi } from "../queries/use-api.ts";
import { CheckpointCard } from "./checkpoint-card.tsx";
import { UnitTable } from "./unit-table.tsx";
import { WatermarkCard } from "./watermark-card.tsx";

/** Both lists are bounded by the server. */
export function StatePanel({ jobName }: { readonly jobName: string }): ReactElement {
  const input = { params: { job_name: jobName } };
  const watermarks = useApi("listWatermarks", input);
  const checkpoints = useApi("listCheckpoints", input);
  const units = useApi("listJobUnits", input);
  return (
    <div className="state-panel">
      {units.data?.items.some(({ key, ranges }) => key !== "" || ranges.length > 0) === true ? (
        <section aria-labelledby="units-title">
          <h2 id="units-title">Units</h2>
          <UnitTable units={units.data.items} />
        </section>
      ) : null}
      <section aria-labelledby="watermarks-title">
        <h2 id="watermarks-title">Watermarks</h2>
        {watermarks.data === undefined ? (
          <Waiting error={watermarks.error} retry={() => void watermarks.refetch()} />
        ) : watermarks.data.items.length === 0 ? (
          <EmptyState title="No watermark" icon="database" commands={[`millrace state show ${jobName}`]}>
            A job has one when it reads a source by a growing column, such as a time of change, and has finished once.
          </EmptyState>
        ) : (
          watermarks.data.items.map((watermark) => (
            <WatermarkCard
              key={`${watermark.tenant} ${watermark.name}`}
              jobName={jobName}
              watermark={watermark}
              onChanged={() => void watermarks.refetch()}
            />
          ))
        )}
      </section>
      <section aria-labelledby="checkpoints-title">
        <h2 id="checkpoints-title">Checkpoints</h2>
        {checkpoints.data === undefined ? (
          <Waiting error={checkpoints.error} retry={() => void checkpoints.refetch()} />
        ) : checkpoints.data.items.length === 0 ? (
          <EmptyState
            title="No checkpoint of an unfinished or failed run"
            icon="check"
            commands={[`millrace state show ${jobName}`]}
          >
            A handler saves its progress with <code>ctx.checkpoint.save(…)</code>; the next attempt goes on from there,
            and it is forgotten when the run has finished.
          </EmptyState>
        ) : (
          checkpoints.data.items.map((checkpoint) => (
            <CheckpointCard
              key={checkpoint.run_id}
              jobName={jobName}
              checkpoint={checkpoint}
              onChanged={() => void checkpoints.refetch()}
            />
          ))
        )}
      </section>
    </div>
  );
}

function Waiting({ error, retry }: { readonly error: unknown; readonly retry: () => void }): ReactElement {
  return error === null || error === undefined ? <Skeleton lines={4} /> : <ErrorState error={error} retry={retry} />;
}
