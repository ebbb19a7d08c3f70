// The drawn part of a graph: only what is near the screen is in the document, edges are one path, and text is left out where it
// could not be read. 2,000 nodes stay smooth that way.
import { useCallback, useMemo, useRef, useState, type ReactElement, type ReactNode } from "react";
import type { GraphLayout, PlacedEdge, PlacedNode } from "../../../core/graph/layout-graph.ts";
import { drawEdge } from "./draw-edge.ts";
import type { Related } from "./focus-graph.ts";
import { GraphNode, type GraphItem } from "./graph-node.tsx";
import { GraphMinimap } from "./graph-minimap.tsx";
import type { ViewportControl } from "./use-viewport.ts";
import { centreOn, doOverlap, findVisibleBox, surround, type Box } from "./viewport.ts";

export interface GraphCanvasProps {
  readonly label: string;
  readonly layout: GraphLayout;
  readonly items: ReadonlyMap<string, GraphItem>;
  readonly selected: string | null;
  /** The nodes related to the selected one; the rest is dimmed. */
  readonly related: Related | undefined;
  readonly viewport: ViewportControl;
  readonly renderState: ((item: GraphItem) => ReactNode) | undefined;
  readonly onSelect: (id: string | null) => void;
}

const farScale = 0.4;
/** More edges than this, seen from afar, are a grey veil that says nothing. */
const maxFarEdges = 1_500;
/** Room around a small graph, in px. */
const spare = 220;
/** From so many nodes on, the whole is shown in a corner. */
const minimapNodes = 12;

export function GraphCanvas(props: GraphCanvasProps): ReactElement {
  const { label, layout, items, selected, related, viewport, onSelect } = props;
  const { view, screen, attach, handlers, wasDragged } = viewport;
  const [active, setActive] = useState<string | null>(null);
  const visible = useVisibleNodes(layout, viewport);
  const isFar = view.scale < farScale;
  const select = useCallback(
    (id: string) => {
      setActive(id);
      onSelect(id);
    },
    [onSelect],
  );
  const move = useNodeKeys(layout, viewport, setActive, onSelect);
  return (
    <div
      ref={attach}
      className="graph-canvas"
      style={{ maxHeight: layout.height + spare }}
      role="group"
      aria-roledescription="graph"
      aria-label={`${label}. Arrow keys move, plus and minus zoom, 0 shows all`}
      tabIndex={0}
      {...handlers}
      onClickCapture={(event) => {
        if (wasDragged()) event.stopPropagation();
      }}
      onClick={(event) => {
        if (!(event.target instanceof Element) || event.target.closest("[data-node], .graph-minimap") === null)
          onSelect(null);
      }}
    >
      <svg width="100%" height="100%">
        <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
          <Edges layout={layout} visible={visible} selected={selected} related={related} isFar={isFar} />
          <Nodes
            {...props}
            visible={visible}
            active={active ?? selected ?? layout.nodes[0]?.id}
            isFar={isFar}
            onSelect={select}
            onMove={move}
          />
        </g>
      </svg>
      {layout.nodes.length < minimapNodes ? null : (
        <GraphMinimap layout={layout} items={items} view={view} screen={screen} onShow={viewport.show} />
      )}
    </div>
  );
}

interface NodesProps extends Omit<GraphCanvasProps, "onSelect"> {
  readonly visible: readonly PlacedNode[];
  readonly active: string | undefined;
  readonly isFar: boolean;
  readonly onSelect: (id: string) => void;
  readonly onMove: (id: string, key: string) => boolean;
}

function Nodes(props: NodesProps): ReactElement {
  const { layout, items, selected, related, renderState, visible, active, isFar, onSelect, onMove } = props;
  const isRelated = (id: string): boolean =>
    related === undefined || id === selected || related.upstream.has(id) || related.downstream.has(id);
  return (
    <>
      {visible.map(({ id, x, y }) => {
        const item = items.get(id);
        return item === undefined ? null : (
          <GraphNode
            key={id}
            item={item}
            x={x}
            y={y}
            sizes={layout.sizes}
            isSelected={id === selected}
            isDim={!isRelated(id)}
            isActive={id === active}
            isFar={isFar}
            renderState={renderState}
            onSelect={onSelect}
            onMove={onMove}
          />
        );
      })}
    </>
  );
}

function useVisibleNodes(layout: GraphLayout, { view, screen }: ViewportControl): readonly PlacedNode[] {
  const { nodeWidth: width, nodeHeight: height } = layout.sizes;
  // In steps of half a screen, so that a drag draws new nodes now and then and not with each frame.
  const step = { x: Math.max(1, screen.width / 4), y: Math.max(1, screen.height / 4) };
  const column = Math.round(view.x / step.x);
  const row = Math.round(view.y / step.y);
  return useMemo(() => {
    const box = findVisibleBox({ x: column * step.x, y: row * step.y, scale: view.scale }, screen);
    return layout.nodes.filter(({ x, y }) => doOverlap(box, { x, y, width, height }));
  }, [layout, column, row, view.scale, screen, step.x, step.y, width, height]);
}

interface EdgesProps {
  readonly layout: GraphLayout;
  readonly visible: readonly PlacedNode[];
  readonly selected: string | null;
  readonly related: Related | undefined;
  readonly isFar: boolean;
}

function Edges({ layout, visible, selected, related, isFar }: EdgesProps): ReactElement {
  const drawn = useMemo(() => layout.edges.map(drawOnce), [layout]);
  const [plain, lit] = useMemo(() => {
    const { nodeWidth: width, nodeHeight: height } = layout.sizes;
    const box = surround(visible.map(({ x, y }) => ({ x, y, width, height })));
    const paths = { plain: [] as string[], lit: [] as string[] };
    for (const edge of drawn) {
      if (box === undefined || !doOverlap(box, edge.box)) continue;
      const path = isFar ? edge.straight() : edge.curved();
      (isOnPath(edge.from, edge.to, selected, related) ? paths.lit : paths.plain).push(path);
    }
    return [paths.plain.join(""), paths.lit.join("")];
  }, [drawn, layout, visible, selected, related, isFar]);
  return (
    <g aria-hidden="true">
      {isFar && layout.edges.length > maxFarEdges ? null : (
        <path className="graph-edge" data-dim={related !== undefined} d={plain} />
      )}
      <path className="graph-edge graph-edge-lit" d={lit} />
    </g>
  );
}

interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly box: Box;
  readonly curved: () => string;
  readonly straight: () => string;
}

function drawOnce({ from, to, points }: PlacedEdge): DrawnEdge {
  let curve: string | undefined;
  let line: string | undefined;
  const corners = points.map(({ x, y }) => ({ x, y, width: 0, height: 0 }));
  return {
    from,
    to,
    box: surround(corners) ?? { x: 0, y: 0, width: 0, height: 0 },
    curved: () => (curve ??= drawEdge(points)),
    straight: () => (line ??= drawStraight(points)),
  };
}

function isOnPath(from: string, to: string, selected: string | null, related: Related | undefined): boolean {
  if (related === undefined || selected === null) return false;
  const { upstream, downstream } = related;
  return (
    (upstream.has(from) && (upstream.has(to) || to === selected)) ||
    (downstream.has(to) && (downstream.has(from) || from === selected))
  );
}

function drawStraight(points: readonly { readonly x: number; readonly y: number }[]): string {
  return points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${Math.round(x)} ${Math.round(y)}`).join("");
}

/** Arrows on a node go along its edges and through its layer; Escape lets it go. */
function useNodeKeys(
  layout: GraphLayout,
  viewport: ViewportControl,
  setActive: (id: string) => void,
  onSelect: (id: string | null) => void,
): (id: string, key: string) => boolean {
  const latest = useRef({ viewport, onSelect });
  latest.current = { viewport, onSelect };
  return useCallback(
    (id, key) => {
      const { viewport: control, onSelect: choose } = latest.current;
      if (key === "Escape") choose(null);
      const next = key.startsWith("Arrow") ? findNeighbour(layout, id, key) : undefined;
      if (next === undefined) return key === "Escape" || key.startsWith("Arrow");
      setActive(next.id);
      const { nodeWidth, nodeHeight } = layout.sizes;
      const middle = { x: next.x + nodeWidth / 2, y: next.y + nodeHeight / 2 };
      control.show(centreOn(middle, control.screen, Math.max(control.view.scale, farScale)));
      requestAnimationFrame(() => {
        const selector = `[data-node="${CSS.escape(next.id)}"]`;
        control.element?.querySelector<SVGGElement>(selector)?.focus({ preventScroll: true });
      });
      return true;
    },
    [layout, setActive],
  );
}

function findNeighbour(layout: GraphLayout, id: string, key: string): PlacedNode | undefined {
  const node = layout.nodes.find((each) => each.id === id);
  if (node === undefined) return undefined;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const ids = new Set(
      layout.edges.flatMap(({ from, to }) =>
        key === "ArrowLeft" ? (to === id ? [from] : []) : from === id ? [to] : [],
      ),
    );
    return nearest(
      layout.nodes.filter((each) => ids.has(each.id)),
      node,
    );
  }
  const sign = key === "ArrowUp" ? -1 : 1;
  return nearest(
    layout.nodes.filter((each) => each.x === node.x && (each.y - node.y) * sign > 0),
    node,
  );
}

function nearest(nodes: readonly PlacedNode[], to: PlacedNode): PlacedNode | undefined {
  return nodes.toSorted((a, b) => Math.abs(a.y - to.y) - Math.abs(b.y - to.y))[0];
}
