// The numbers of a sprint side by side; each can be opened to the issues that it is made of.
import type { ReactElement } from "react";
import { type Sprint, type SprintNumber, sprintNumbers } from "../../api/delivery/sprint.ts";
import { formatNumber } from "../delivery/figure-words.ts";
import { formatCount } from "../components/values/format-quantity.ts";

export interface SprintNumbersProps {
  readonly sprint: Sprint;
  readonly chosen: SprintNumber;
  readonly onChoose: (of: SprintNumber) => void;
}

export function SprintNumbers({ sprint, chosen, onChoose }: SprintNumbersProps): ReactElement {
  return (
    <div className="metric-cards" role="group" aria-label="Numbers">
      {sprintNumbers.map((of) => {
        const points = sprint.points[of];
        const issues = sprint.issues[of];
        return (
          <button
            key={of}
            type="button"
            className="metric-card"
            aria-pressed={of === chosen}
            onClick={() => onChoose(of)}
          >
            <span className="metric-name">{numberNames[of]}</span>
            <span className={points === null ? "metric-value metric-unknown" : "metric-value number"}>
              {points === null ? "not yet" : `${formatNumber(points)} points`}
            </span>
            <span className="muted number">{issues === null ? "" : countIssues(issues)}</span>
          </button>
        );
      })}
    </div>
  );
}

export const numberNames: Readonly<Record<SprintNumber, string>> = {
  committed: "Committed",
  added: "Added",
  removed: "Removed",
  completed: "Completed",
  carried_over: "Carried over",
};

export function countIssues(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "issue" : "issues"}`;
}
