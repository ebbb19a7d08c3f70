// A graph of jobs or runs to look at and move through: drawn, or as a list. What is selected belongs to the caller.
import "./graph.css";
import { useDeferredValue, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from "react";
import type { GraphEdge } from "../../../core/graph/graph.ts";
import { layoutGraph, type GraphLayout } from "../../../core/graph/layout-graph.ts";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { findRelated, type Related } from "./focus-graph.ts";
import { GraphCanvas } from "./graph-canvas.tsx";
import { GraphList } from "./graph-list.tsx";
import type { GraphItem } from "./graph-node.tsx";
import { useViewport, type ViewportControl } from "./use-viewport.ts";
import { centreOn, fitBox, isInSight, middleOf, surround } from "./viewport.ts";
import { Toggle } from "../../components/actions/toggle.tsx";

export interface GraphViewProps {
  /** What the graph is of, for people who hear it. */
  readonly label: string;
  readonly nodes: readonly GraphItem[];
  /** From what is needed to what needs it. Keep the array while it is the same. */
  readonly edges: readonly GraphEdge[];
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
  /** Drawn in a box of 16 in place of the state's icon. Keep the function. */
  readonly renderState?: (item: GraphItem) => ReactNode;
  /** Where work goes on: given, the view can follow it. */
  readonly front?: readonly string[];
  /** About the selected node, beside the graph. */
  readonly children?: ReactNode;
}

type Shown = "all" | "related" | "upstream" | "downstream";

const shownLabels: Readonly<Record<Shown, string>> = {
  all: "All jobs",
  related: "Up- and downstream",
  upstream: "Upstream only",
  downstream: "Downstream only",
};

/** For at most 5,000 nodes. */
export function GraphView(props: GraphViewProps): ReactElement {
  const { label, nodes, edges, selected, onSelect, renderState, front, children } = props;
  const [isList, setList] = useState(false);
  const [shown, setShown] = useState<Shown>("all");
  const [isFollowing, setFollowing] = useState(front !== undefined);
  const related = useMemo(() => (selected === null ? undefined : findRelated(edges, selected)), [edges, selected]);
  const kept = useMemo(() => keepShown(nodes, shown, selected, related), [nodes, shown, selected, related]);
  const layout = useLayout(kept, edges);
  const items = useMemo(() => new Map(kept.map((item) => [item.id, item])), [kept]);
  const viewport = useViewport(layout, () => setFollowing(false));
  useFirstView(layout, viewport, front);
  useFollow(isFollowing && front !== undefined && !isList, layout, viewport, front ?? []);
  if (nodes.length === 0) {
    return (
      <EmptyState title="There is nothing to draw">The jobs of this pipeline appear here once it has any.</EmptyState>
    );
  }
  const choose = (id: string | null): void => {
    if (id === null) setShown("all");
    onSelect(id);
  };
  return (
    <div className="graph">
      <div className="graph-tools" role="toolbar" aria-label="View of the graph">
        <Toggle icon="runs" text="List" isOn={isList} onChange={setList} />
        <ShownSelect value={shown} isEnabled={selected !== null} onChange={setShown} />
        {front === undefined ? null : <Toggle icon="bolt" text="Follow" isOn={isFollowing} onChange={setFollowing} />}
        {isList ? null : <ZoomButtons viewport={viewport} />}
      </div>
      <div className="graph-stage" data-has-detail={children !== undefined && selected !== null}>
        {isList ? (
          <GraphList label={label} nodes={kept} edges={edges} selected={selected} onSelect={choose} />
        ) : (
          <GraphCanvas
            label={label}
            layout={layout}
            items={items}
            selected={selected}
            related={related}
            viewport={viewport}
            renderState={renderState}
            onSelect={choose}
          />
        )}
        {selected === null || children === undefined ? null : <aside className="graph-detail">{children}</aside>}
      </div>
    </div>
  );
}

interface ShownSelectProps {
  readonly value: Shown;
  /** Whether a node is selected. */
  readonly isEnabled: boolean;
  readonly onChange: (shown: Shown) => void;
}

function ShownSelect({ value, isEnabled, onChange }: ShownSelectProps): ReactElement {
  return (
    <select
      className="filter"
      aria-label="Jobs to show"
      value={isEnabled ? value : "all"}
      disabled={!isEnabled}
      // The options are made of these values.
      onChange={(event) => onChange(event.target.value as Shown)}
    >
      {Object.entries(shownLabels).map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
}

function ZoomButtons({ viewport }: { readonly viewport: ViewportControl }): ReactElement {
  return (
    <span className="graph-zoom">
      <button type="button" className="button button-square" aria-label="Zoom out" onClick={() => viewport.zoom(0.8)}>
        −
      </button>
      <span className="number muted" aria-live="off">
        {Math.round(viewport.view.scale * 100)}%
      </span>
      <button type="button" className="button button-square" aria-label="Zoom in" onClick={() => viewport.zoom(1.25)}>
        +
      </button>
      <button type="button" className="button" onClick={() => viewport.fit()}>
        Fit
      </button>
    </span>
  );
}

function keepShown(
  nodes: readonly GraphItem[],
  shown: Shown,
  selected: string | null,
  related: Related | undefined,
): readonly GraphItem[] {
  if (shown === "all" || selected === null || related === undefined) return nodes;
  const isKept = (id: string): boolean =>
    id === selected ||
    (shown !== "downstream" && related.upstream.has(id)) ||
    (shown !== "upstream" && related.downstream.has(id));
  return nodes.filter(({ id }) => isKept(id));
}

// States change with each message, the shape hardly ever: the layout depends on ids and edges alone.
function useLayout(nodes: readonly GraphItem[], edges: readonly GraphEdge[]): GraphLayout {
  const key = useDeferredValue(nodes.map(({ id }) => id).join("\n"));
  return useMemo(() => layoutGraph(key === "" ? [] : key.split("\n"), edges), [key, edges]);
}

const readableScale = 0.5;
/** The scale with which a graph that does not fit begins. */
const firstScale = 0.8;
const leftMargin = 24;

// All of it when that can be read; else the front, or the begin.
function useFirstView(layout: GraphLayout, viewport: ViewportControl, front: readonly string[] | undefined): void {
  const shownFor = useRef<GraphLayout | undefined>(undefined);
  const { screen, show } = viewport;
  useEffect(() => {
    if (shownFor.current === layout || screen.width === 0 || layout.nodes.length === 0) return;
    shownFor.current = layout;
    const whole = fitBox({ x: 0, y: 0, ...layout }, screen);
    if (whole.scale >= readableScale) return show(whole);
    const { nodeWidth: width, nodeHeight: height } = layout.sizes;
    const first = layout.nodes.find(({ id }) => front?.includes(id) ?? false);
    if (first !== undefined) show(centreOn(middleOf({ x: first.x, y: first.y, width, height }), screen, firstScale));
    else show({ x: leftMargin, y: screen.height / 2 - (layout.height / 2) * firstScale, scale: firstScale });
  }, [layout, screen, show, front]);
}

function useFollow(
  isOn: boolean,
  layout: GraphLayout,
  { view, screen, show }: ViewportControl,
  front: readonly string[],
): void {
  const latest = useRef(view);
  useEffect(() => {
    latest.current = view;
  });
  const key = front.join("\n");
  useEffect(() => {
    if (!isOn || screen.width === 0) return;
    const ids = new Set(key.split("\n"));
    const { nodeWidth: width, nodeHeight: height } = layout.sizes;
    const box = surround(layout.nodes.filter(({ id }) => ids.has(id)).map(({ x, y }) => ({ x, y, width, height })));
    const whole = fitBox({ x: 0, y: 0, ...layout }, screen);
    if (box === undefined || whole.scale >= readableScale) return;
    // While the front is in sight, nothing jumps.
    if (isInSight(box, latest.current, screen)) return;
    const fitted = fitBox(box, screen);
    show(fitted.scale >= readableScale ? fitted : centreOn(middleOf(box), screen, readableScale));
  }, [isOn, layout, screen, show, key]);
}
