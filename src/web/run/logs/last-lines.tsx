// The last lines that a failed run logged, with a way to the whole log at that place.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { useApi } from "../../queries/use-api.ts";
import { LogRow } from "./log-row.tsx";

const lineCount = 20;

export function LastLines({ runId }: { readonly runId: string }): ReactElement {
  const { data, error, refetch } = useApi("listRunLogs", {
    params: { run_id: runId },
    query: { tail: true, limit: lineCount },
  });
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={4} label="Loading the log" />;
  if (data.items.length === 0) return <p className="muted">It logged nothing.</p>;
  const last = data.items.at(-1);
  return (
    <div className="last-lines">
      <div className="log-lines" data-wrap="true" role="log" aria-label={`Last lines of ${runId}`} tabIndex={0}>
        {data.items.map((line) => (
          <LogRow key={line.cursor} line={line} search="" hasTime hasJob={false} isTarget={false} />
        ))}
      </div>
      <p>
        <Link to="/runs/$runId" params={{ runId }} search={{ tab: "logs", line: last?.cursor }}>
          Log around the failure
        </Link>
      </p>
    </div>
  );
}
