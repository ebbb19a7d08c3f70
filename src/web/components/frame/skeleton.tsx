// The place of what is still loading, in its shape, so that nothing jumps when it comes.
import type { ReactElement } from "react";

/** Grey lines; one that loads is announced once. */
export function Skeleton({
  lines = 3,
  label = "Loading",
}: {
  readonly lines?: number;
  readonly label?: string;
}): ReactElement {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className="skeleton-line" />
      ))}
    </div>
  );
}

/** A whole screen whose code or state is on its way. */
export function ScreenSkeleton(): ReactElement {
  return (
    <div className="screen">
      <Skeleton lines={8} label="Loading the screen" />
    </div>
  );
}
