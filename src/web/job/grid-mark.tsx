// One cell of the grid: a run's outcome as colour and shape, with its words for readers and as a title.
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Icon, type IconName } from "../components/values/icon.tsx";
import { type Tone } from "../components/values/state-appearance.ts";

export interface GridMarkProps {
  readonly role: "gridcell" | "columnheader";
  readonly className: string;
  readonly left: number;
  readonly position: { readonly row: number; readonly column: number };
  /** The cell that Tab reaches. */
  readonly isActive: boolean;
  readonly onFocus: (position: { readonly row: number; readonly column: number }) => void;
  /** Null: there is nothing to open. */
  readonly runId: string | null;
  readonly text: string;
  readonly tone: Tone;
  readonly icon?: IconName;
  /** Height of the bar of a run, 0 to 1. */
  readonly barShare?: number;
}

/** A click opens the run. */
export function GridMark(props: GridMarkProps): ReactElement {
  const { role, className, left, position, isActive, onFocus, runId, text, tone, icon, barShare } = props;
  const navigate = useNavigate();
  return (
    <span
      role={role}
      className={className}
      style={{ left }}
      data-tone={tone}
      data-at={`${position.row}:${position.column}`}
      data-empty={runId === null}
      aria-colindex={position.column + 2}
      title={text}
      tabIndex={isActive ? 0 : -1}
      onFocus={() => onFocus(position)}
      onClick={runId === null ? undefined : () => void navigate({ to: "/runs/$runId", params: { runId } })}
    >
      <span className="only-read">{text}</span>
      {barShare === undefined ? null : (
        <span className="grid-bar" style={{ height: `${Math.round(8 + barShare * 32)}px` }} />
      )}
      {icon === undefined ? null : <Icon name={icon} size={14} />}
    </span>
  );
}
