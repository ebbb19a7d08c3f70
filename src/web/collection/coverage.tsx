// How much of a job's units is read: as a bar in three parts, and in words that say the same.
import type { ReactElement } from "react";
import type { CollectedJob } from "../../api/collection.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Nothing } from "../components/values/time.tsx";

/** Nothing for a job without units; what is too much to be counted says so. */
export function Coverage({ coverage }: Pick<CollectedJob, "coverage">): ReactElement {
  if (coverage === null) return <span className="muted">too many units to count here</span>;
  const { units, failed, behind } = coverage;
  if (units === 0) return <Nothing text="no units" />;
  const late = behind - failed;
  const good = units - behind;
  return (
    <span className="coverage">
      <span className="coverage-bar" aria-hidden="true">
        <CoveragePart count={good} tone="good" />
        <CoveragePart count={late} tone="warn" />
        <CoveragePart count={failed} tone="bad" />
      </span>
      <span className="number">
        {formatCount(good)} of {formatCount(units)}
      </span>
    </span>
  );
}

function CoveragePart({ count, tone }: { readonly count: number; readonly tone: string }): ReactElement | null {
  return count === 0 ? null : <span data-tone={tone} style={{ flexGrow: count }} />;
}
