// The definition of a pipeline as a graph: which job needs which, and because of what dataset.
import { Link } from "@tanstack/react-router";
import { useMemo, useState, type ReactElement } from "react";
import { type JobNode } from "../../api/job.ts";
import { GraphView } from "../run/graph/graph-view.tsx";

/** The graph of a pipeline; that of a job is the job alone. */
export function JobGraph({
  jobName,
  nodes,
}: {
  readonly jobName: string;
  readonly nodes: readonly JobNode[];
}): ReactElement {
  const [selected, setSelected] = useState<string | null>(null);
  const items = useMemo(
    () => nodes.map((node) => ({ id: node.job_name, label: node.job_name, caption: node.layer ?? "job" })),
    [nodes],
  );
  const edges = useMemo(
    () => nodes.flatMap((node) => node.depends_on.map((needed) => ({ from: needed.job_name, to: node.job_name }))),
    [nodes],
  );
  const node = nodes.find((each) => each.job_name === selected);
  return (
    <GraphView label={`Jobs of ${jobName}`} nodes={items} edges={edges} selected={selected} onSelect={setSelected}>
      {node === undefined ? null : <NodeDetail node={node} />}
    </GraphView>
  );
}

function NodeDetail({ node }: { readonly node: JobNode }): ReactElement {
  return (
    <div className="lineage-detail">
      <h2>
        <Link to="/jobs/$jobName" params={{ jobName: node.job_name }}>
          {node.job_name}
        </Link>
      </h2>
      <h3>Needs</h3>
      {node.depends_on.length === 0 ? (
        <p className="muted">nothing</p>
      ) : (
        <ul>
          {node.depends_on.map(({ job_name: name, because }) => (
            <li key={name}>
              {name}
              {because === null ? null : <span className="muted"> because of {because}</span>}
            </li>
          ))}
        </ul>
      )}
      <DatasetLinks title="Reads" names={node.inputs} />
      <DatasetLinks title="Publishes" names={node.outputs} />
    </div>
  );
}

/** Names of datasets as links; nothing for none. */
export function DatasetLinks({
  title,
  names,
}: {
  readonly title: string;
  readonly names: readonly string[];
}): ReactElement | null {
  if (names.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className="links">
        {names.map((name) => (
          <li key={name}>
            <Link to="/datasets/$dataset" params={{ dataset: name }}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
