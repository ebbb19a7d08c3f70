// The whole of a graph in a corner, with a frame around what is on the screen. A picture for the eye: keys and lists do the same.
import { useMemo, type PointerEvent, type ReactElement } from "react";
import type { Tone } from "../../components/values/state-appearance.ts";
import { describeItem, type GraphItem } from "./graph-node.tsx";
import type { GraphLayout } from "../../../core/graph/layout-graph.ts";
import { centreOn, type Size, type Viewport } from "./viewport.ts";

export interface GraphMinimapProps {
  readonly layout: GraphLayout;
  readonly items: ReadonlyMap<string, GraphItem>;
  readonly view: Viewport;
  readonly screen: Size;
  readonly onShow: (view: Viewport) => void;
}

const box: Size = { width: 160, height: 96 };

/** One path a colour, so that 2,000 nodes cost seven elements. */
export function GraphMinimap({ layout, items, view, screen, onShow }: GraphMinimapProps): ReactElement {
  const scale = Math.min(box.width / layout.width, box.height / layout.height);
  const left = (box.width - layout.width * scale) / 2;
  const top = (box.height - layout.height * scale) / 2;
  const paths = useMemo(() => [...drawByTone(layout, items)], [layout, items]);
  const go = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.buttons !== 1) return;
    event.stopPropagation();
    const bounds = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - bounds.left - left) / scale;
    const y = (event.clientY - bounds.top - top) / scale;
    onShow(centreOn({ x, y }, screen, view.scale));
  };
  return (
    <svg
      className="graph-minimap"
      width={box.width}
      height={box.height}
      aria-hidden="true"
      onPointerDown={go}
      onPointerMove={go}
    >
      <g transform={`translate(${left} ${top}) scale(${scale})`}>
        {paths.map(([tone, path]) => (
          <path key={tone} data-tone={tone} d={path} />
        ))}
        <rect
          className="graph-frame"
          x={-view.x / view.scale}
          y={-view.y / view.scale}
          width={screen.width / view.scale}
          height={screen.height / view.scale}
        />
      </g>
    </svg>
  );
}

function drawByTone(layout: GraphLayout, items: ReadonlyMap<string, GraphItem>): Map<Tone, string> {
  const { nodeWidth, nodeHeight } = layout.sizes;
  const paths = new Map<Tone, string>();
  for (const { id, x, y } of layout.nodes) {
    const item = items.get(id);
    const tone = item === undefined ? "neutral" : describeItem(item).tone;
    const shape = `M${Math.round(x)} ${Math.round(y)}h${nodeWidth}v${nodeHeight}h${-nodeWidth}z`;
    paths.set(tone, (paths.get(tone) ?? "") + shape);
  }
  return paths;
}
