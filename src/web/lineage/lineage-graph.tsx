// Datasets and the jobs between them as a graph, with what the selected node is made from and what is made from it.
import { Link } from "@tanstack/react-router";
import { useMemo, type ReactElement } from "react";
import "./lineage.css";
import { type Lineage } from "../../api/datasets/dataset.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { GraphView } from "../run/graph/graph-view.tsx";
import { traceLineage, type LineageNode, type TracedNode } from "./trace-lineage.ts";

export interface LineageGraphProps {
  /** Keep the object while it is the same. */
  readonly lineage: Lineage;
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
}

/** Drawn, or as a list. */
export function LineageGraph({ lineage, selected, onSelect }: LineageGraphProps): ReactElement {
  const items = useMemo(
    () => lineage.nodes.map(({ id, name, kind }) => ({ id, label: name, caption: kind })),
    [lineage],
  );
  const kinds = useMemo(() => new Map(lineage.nodes.map(({ id, kind }) => [id, kind])), [lineage]);
  if (lineage.nodes.length === 0) {
    return (
      <EmptyState title="No lineage yet" icon="database">
        Jobs that state <code>inputs</code> and <code>outputs</code> appear here with their datasets.
      </EmptyState>
    );
  }
  return (
    <GraphView
      label="Lineage of datasets"
      nodes={items}
      edges={lineage.edges}
      selected={selected}
      onSelect={onSelect}
      renderState={({ id }) => <Icon name={kinds.get(id) === "dataset" ? "database" : "play"} />}
    >
      <LineageDetail lineage={lineage} selected={selected} />
    </GraphView>
  );
}

/** A link to a dataset or a job. */
export function LineageLink({ node }: { readonly node: LineageNode }): ReactElement {
  const content = (
    <>
      <Icon name={node.kind === "dataset" ? "database" : "play"} size={14} />
      {node.name}
    </>
  );
  return node.kind === "dataset" ? (
    <Link to="/datasets/$dataset" params={{ dataset: node.name }} className="lineage-link">
      {content}
    </Link>
  ) : (
    <Link to="/jobs/$jobName" params={{ jobName: node.name }} className="lineage-link">
      {content}
    </Link>
  );
}

/** What a node is made from and what is made from it, the nearest first. */
export function LineageLists({ lineage, id }: { readonly lineage: Lineage; readonly id: string }): ReactElement {
  const { upstream, downstream } = useMemo(() => traceLineage(lineage, id), [lineage, id]);
  return (
    <div className="lineage-lists">
      <TraceList title="Made from" empty="no other dataset" nodes={upstream} />
      <TraceList title="Used by" empty="nothing yet" nodes={downstream} />
    </div>
  );
}

function LineageDetail({
  lineage,
  selected,
}: {
  readonly lineage: Lineage;
  readonly selected: string | null;
}): ReactElement | null {
  const node = lineage.nodes.find(({ id }) => id === selected);
  if (node === undefined) return null;
  return (
    <div className="lineage-detail">
      <h2>
        <LineageLink node={node} />
      </h2>
      <LineageLists lineage={lineage} id={node.id} />
    </div>
  );
}

interface TraceListProps {
  readonly title: string;
  readonly empty: string;
  readonly nodes: readonly TracedNode[];
}

function TraceList({ title, empty, nodes }: TraceListProps): ReactElement {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {nodes.length === 0 ? (
        <p className="muted">{empty}</p>
      ) : (
        <ul>
          {nodes.map(({ node, distance }) => (
            <li key={node.id}>
              <LineageLink node={node} />
              {distance > 1 ? <span className="muted"> {distance} steps</span> : null}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
