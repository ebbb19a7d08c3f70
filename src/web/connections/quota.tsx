// How much of a capacity is in use, as a meter and in words.
import type { ReactElement } from "react";

/** Without a capacity there is no meter. */
export function Quota({ held, capacity }: { readonly held: number; readonly capacity: number | null }): ReactElement {
  if (capacity === null) return <span className="number">{held}, no limit</span>;
  return (
    <span className="quota">
      <meter
        min={0}
        max={Math.max(1, capacity)}
        value={Math.min(held, capacity)}
        optimum={0}
        high={Math.max(0.5, capacity - 0.5)}
        aria-label={`${held} of ${capacity} in use`}
      />
      <span className="number">
        {held} of {capacity}
        {held >= capacity && capacity > 0 ? <strong> full</strong> : null}
      </span>
    </span>
  );
}
