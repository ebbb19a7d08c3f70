// The stages of lead time as one bar whose parts add up to it, and the same as a list.
import type { ReactElement } from "react";
import type { DeliveryStage, DeliveryStages } from "../../api/delivery/delivery.ts";
import { formatCount, formatMs } from "../components/values/format-quantity.ts";
import { formatNumber, stageNames } from "./figure-words.ts";

export interface StagePart {
  readonly stage: DeliveryStage;
  /** Null is a stage whose event is missing: its time is in the next one. */
  readonly seconds: number | null;
}

/** Decorates only; who shows it says the numbers, too. */
export function StageBar({ parts }: { readonly parts: readonly StagePart[] }): ReactElement {
  return (
    <span className="stage-bar" aria-hidden="true">
      {parts.map(({ stage, seconds }) =>
        seconds === null || seconds <= 0 ? null : (
          <span
            key={stage}
            data-stage={stage}
            style={{ flexGrow: seconds }}
            title={`${stageNames[stage]}: ${formatMs(seconds * 1_000)}`}
          />
        ),
      )}
    </span>
  );
}

/** The mean change of a period. */
export function StageBreakdown({ stages }: { readonly stages: DeliveryStages | null }): ReactElement {
  if (stages === null) return <p className="muted">No change with a known lead time was deployed in this period.</p>;
  const { n, lead_seconds: lead } = stages;
  return (
    <>
      <p>
        <strong className="number">{formatMs(lead * 1_000)}</strong>{" "}
        <span className="muted">
          is the mean lead time of {formatCount(n)} {n === 1 ? "change" : "changes"}. Means add up; medians do not.
        </span>
      </p>
      <StageBar parts={stages.stages} />
      <ul className="stage-list">
        {stages.stages.map(({ stage, seconds }) => (
          <li key={stage}>
            <span className="stage-key" data-stage={stage} aria-hidden="true" />
            <span>{stageNames[stage]}</span>
            <span className="number">{formatMs(seconds * 1_000)}</span>
            <span className="muted number">{lead === 0 ? "–" : `${formatNumber((seconds / lead) * 100)} %`}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
