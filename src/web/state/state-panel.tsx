// Shows what a job remembers: its watermarks and the checkpoints of its runs. The job's tab and the screen of its own
// both use it.
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState, type ReactElement } from "react";
import "./state.css";
import type { JobUnit } from "../../api/state.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { useApi } from "../queries/use-api.ts";
import { CheckpointCard } from "./checkpoint-card.tsx";
import { UnitSection } from "./unit-section.tsx";
import { WatermarkSection } from "./watermark-section.tsx";

/** Both lists are bounded by the server. */
export function StatePanel({ jobName }: { readonly jobName: string }): ReactElement {
  const input = { params: { job_name: jobName } };
  const checkpoints = useApi("listCheckpoints", input);
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [openId, setOpenId] = useState<string | null>(null);
  const watermarksRef = useRef<HTMLDivElement>(null);
  const showWatermarks = (name: string): void => {
    setText(name);
    watermarksRef.current?.scrollIntoView({ block: "start" });
  };
  // What was never read has no watermark; why it failed is in the run.
  const openUnit = ({ key, ranges, value, error }: JobUnit): void => {
    if (error !== null && ranges.length === 0 && value === null) {
      void navigate({ to: "/runs/$runId", params: { runId: error.run_id }, search: { tab: "units", state: "failed" } });
    } else showWatermarks(key === "" ? "" : `unit ${key}`);
  };
  return (
    <div className="state-panel">
      <UnitSection jobName={jobName} onOpen={openUnit} />
      <div ref={watermarksRef}>
        <WatermarkSection jobName={jobName} text={text} onText={setText} openId={openId} onOpen={setOpenId} />
      </div>
      <section className="state-section" aria-labelledby="checkpoints-title">
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
