// A graph as a table: the same nodes and edges in words, for people who do not see the picture and for long names.
import type { ReactElement } from "react";
import type { GraphEdge } from "../../../core/graph/graph.ts";
import { DataTable } from "../../components/tables/data-table.tsx";
import type { Column } from "../../components/tables/table-props.ts";
import { StateBadge } from "../../components/values/state-badge.tsx";
import { Nothing } from "../../components/values/time.tsx";
import type { GraphItem } from "./graph-node.tsx";

export interface GraphListProps {
  readonly label: string;
  readonly nodes: readonly GraphItem[];
  readonly edges: readonly GraphEdge[];
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
}

/** Names in a cell; the rest is counted. */
const maxNames = 6;

/** In the order that was given. Enter or a click chooses a node. */
export function GraphList({ label, nodes, edges, selected, onSelect }: GraphListProps): ReactElement {
  const before = groupNames(edges, "to", "from", nodes);
  const after = groupNames(edges, "from", "to", nodes);
  const columns: readonly Column<GraphItem>[] = [
    {
      header: "Job",
      cell: ({ id, label: name }) => (
        <button type="button" className="text-button" aria-pressed={id === selected} onClick={() => onSelect(id)}>
          {name}
        </button>
      ),
    },
    { header: "State", cell: (item) => <State item={item} /> },
    { header: "Depends on", width: "minmax(0, 2fr)", cell: ({ id }) => before.get(id) ?? <Nothing /> },
    { header: "Needed by", width: "minmax(0, 2fr)", cell: ({ id }) => after.get(id) ?? <Nothing /> },
  ];
  return (
    <DataTable
      kind="list"
      label={`${label}, as a list`}
      columns={columns}
      rows={nodes}
      idOf={({ id }) => id}
      isMarked={({ id }) => id === selected}
      onOpen={({ id }) => onSelect(id)}
    />
  );
}

function State({ item: { state, reason, caption } }: { readonly item: GraphItem }): ReactElement {
  if (state === undefined) return <>{caption ?? <Nothing />}</>;
  return <StateBadge state={state} reason={reason ?? null} look="plain" />;
}

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
