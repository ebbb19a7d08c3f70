// One node of a graph as SVG: name, state as shape, colour and word, a bar for how far it is. From afar only its colour is drawn.
import { memo, type KeyboardEvent, type ReactElement, type ReactNode } from "react";
import type { RunReason, RunState } from "../../../core/job/run-state.ts";
import { Icon } from "../../components/values/icon.tsx";
import { describeState, type Tone } from "../../components/values/state-appearance.ts";
import type { GraphSizes } from "../../../core/graph/place-layers.ts";

export interface GraphItem {
  readonly id: string;
  /** Name of the job. */
  readonly label: string;
  /** Second line; default the word of the state. */
  readonly caption?: string;
  readonly state?: RunState;
  readonly reason?: RunReason | null;
  /** 0 to 100, while it executes. */
  readonly percent?: number | null;
}

export interface GraphNodeProps {
  readonly item: GraphItem;
  readonly x: number;
  readonly y: number;
  readonly sizes: GraphSizes;
  readonly isSelected: boolean;
  /** Not among what the selected node is about. */
  readonly isDim: boolean;
  /** The one that Tab reaches. */
  readonly isActive: boolean;
  /** Too small to read: no text. */
  readonly isFar: boolean;
  /** Drawn in a box of 16 in place of the state's icon. */
  readonly renderState: ((item: GraphItem) => ReactNode) | undefined;
  readonly onSelect: (id: string) => void;
  readonly onMove: (id: string, key: string) => boolean;
}

/** Drawn again only when what it shows changed. */
export const GraphNode: React.NamedExoticComponent<GraphNodeProps> = memo(function GraphNode({
  item,
  x,
  y,
  sizes,
  isSelected,
  isDim,
  isActive,
  isFar,
  renderState,
  onSelect,
  onMove,
}: GraphNodeProps): ReactElement {
  const { tone, word } = describeItem(item);
  const { nodeWidth: width, nodeHeight: height } = sizes;
  const onKeyDown = (event: KeyboardEvent<SVGGElement>): void => {
    const isPress = event.key === "Enter" || event.key === " ";
    if (isPress) onSelect(item.id);
    if (!isPress && !onMove(item.id, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <g
      className="graph-node"
      data-tone={tone}
      data-node={item.id}
      data-dim={isDim}
      data-selected={isSelected}
      data-far={isFar}
      transform={`translate(${Math.round(x)} ${Math.round(y)})`}
      role="button"
      aria-pressed={isSelected}
      {...(isFar ? { "aria-label": `${item.label}, ${word}` } : {})}
      tabIndex={isActive ? 0 : -1}
      onClick={() => onSelect(item.id)}
      onKeyDown={onKeyDown}
    >
      <rect className="graph-box" width={width} height={height} rx={isFar ? 10 : 6} />
      {isFar ? null : (
        <>
          <g className="graph-icon" transform={`translate(10 ${height / 2 - 8})`}>
            {renderState === undefined ? <StateShape item={item} /> : renderState(item)}
          </g>
          <foreignObject x={34} width={width - 40} height={height}>
            <div className="graph-text" title={item.label}>
              <span className="graph-label">{item.label}</span> <span className="graph-caption">{word}</span>
            </div>
          </foreignObject>
          {item.state === "RUNNING" && typeof item.percent === "number" ? (
            <rect className="graph-percent" y={height - 3} height={3} rx={1.5} width={(width * item.percent) / 100} />
          ) : null}
        </>
      )}
    </g>
  );
});

/** Colour and second line of an item. */
export function describeItem({ state, reason, caption, percent }: GraphItem): { tone: Tone; word: string } {
  if (state === undefined) return { tone: "neutral", word: caption ?? "" };
  const { tone, label } = describeState(state, reason ?? null);
  const share = state === "RUNNING" && typeof percent === "number" ? ` ${Math.floor(percent)}%` : "";
  return { tone, word: caption ?? label + share };
}

function StateShape({ item }: { readonly item: GraphItem }): ReactElement | null {
  return item.state === undefined ? null : <Icon name={describeState(item.state, item.reason ?? null).icon} />;
}
