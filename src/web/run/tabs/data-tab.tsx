// Shows what a run was given and what it gave back.
import type { ReactElement } from "react";
import { JsonView } from "../../components/values/json-view.tsx";
import { formatWindow } from "../format-window.ts";
import { useRunLive } from "../use-run.ts";

export function DataTab(): ReactElement {
  const { detail } = useRunLive();
  const { params, window, result, state } = detail;
  return (
    <div className="overview">
      <section className="part">
        <h2>Params</h2>
        <JsonView value={params} openLevels={3} />
      </section>
      {window === null ? null : (
        <section className="part">
          <h2>Window</h2>
          <p>{formatWindow(window)}, by UTC</p>
        </section>
      )}
      <section className="part">
        <h2>Result</h2>
        {result === null && state !== "FINISHED" ? (
          <p className="muted">It has none yet.</p>
        ) : (
          <JsonView value={result} openLevels={3} />
        )}
      </section>
    </div>
  );
}
