// A graph as a table: the same nodes and edges in words, for people who do not see the picture and for long names.
import { memo, type ReactElement } from "react";
import { StateBadge } from "../../components/values/state-badge.tsx";
import { Nothing } from "../../components/values/time.tsx";
import type { GraphItem } from "./graph-node.tsx";
import type { GraphEdge } from "../../../core/graph/graph.ts";

export interface GraphListProps {
  readonly label: string;
  readonly nodes: readonly GraphItem[];
  readonly edges: readonly GraphEdge[];
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
}

/** Names in a cell; the rest is counted. */
const maxNames = 6;

/** In the order that was given. Pressing a name chooses that node. */
export function GraphList({ label, nodes, edges, selected, onSelect }: GraphListProps): ReactElement {
  const before = groupNames(edges, "to", "from", nodes);
  const after = groupNames(edges, "from", "to", nodes);
  return (
    <div className="graph-list scroll-x" tabIndex={0} role="region" aria-label={`${label}, as a list`}>
      <table className="plain run-table">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Depends on</th>
            <th scope="col">Needed by</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((item) => (
            <Row
              key={item.id}
              item={item}
              isSelected={item.id === selected}
              before={before.get(item.id) ?? ""}
              after={after.get(item.id) ?? ""}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly item: GraphItem;
  readonly isSelected: boolean;
  readonly before: string;
  readonly after: string;
  readonly onSelect: (id: string) => void;
}

const Row = memo(function Row({ item, isSelected, before, after, onSelect }: RowProps): ReactElement {
  return (
    <tr aria-selected={isSelected}>
      <th scope="row">
        <button type="button" className="text-button" aria-pressed={isSelected} onClick={() => onSelect(item.id)}>
          {item.label}
        </button>
      </th>
      <td>
        {item.state === undefined ? (
          (item.caption ?? <Nothing />)
        ) : (
          <StateBadge state={item.state} reason={item.reason ?? null} look="plain" />
        )}
      </td>
      <td>{before === "" ? <Nothing /> : before}</td>
      <td>{after === "" ? <Nothing /> : after}</td>
    </tr>
  );
});

function groupNames(
  edges: readonly GraphEdge[],
  key: "from" | "to",
  value: "from" | "to",
  nodes: readonly GraphItem[],
): Map<string, string> {
  const names = new Map(nodes.map(({ id, label }) => [id, label]));
  const lists = new Map<string, string[]>();
  for (const edge of edges) {
    const name = names.get(edge[value]);
    if (name === undefined) continue;
    const list = lists.get(edge[key]);
    if (list === undefined) lists.set(edge[key], [name]);
    else list.push(name);
  }
  return new Map([...lists].map(([id, list]) => [id, joinNames(list)]));
}

function joinNames(names: readonly string[]): string {
  const more = names.length - maxNames;
  return more > 0 ? `${names.slice(0, maxNames).join(", ")} and ${more} more` : names.join(", ");
}
