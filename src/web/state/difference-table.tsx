// Differences between two JSON values: path, before, after.
import type { ReactElement } from "react";
import { type JsonValue } from "../../api/page.ts";
import { type Difference } from "../../api/run.ts";

export interface DifferenceTableProps {
  readonly label: string;
  readonly differences: readonly Difference[];
}

/** Says so when there are none. */
export function DifferenceTable({ label, differences }: DifferenceTableProps): ReactElement {
  if (differences.length === 0) return <p className="muted">No difference.</p>;
  return (
    <div className="scroll-x" role="region" aria-label={label} tabIndex={0}>
      <table className="plain">
        <caption className="only-read">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ path, before, after }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td>
                <code className="diff-before">{shorten(before)}</code>
              </td>
              <td>
                <code className="diff-after">{shorten(after)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shorten(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
