// Who works: workers with the last sign of life.
import type { ReactElement } from "react";
import type { Orchestrator } from "../../api/orchestrator.ts";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";

/** Those alive first. */
export function WorkerTable({ workers }: { readonly workers: Orchestrator["workers"] }): ReactElement {
  return (
    <div className="card scroll-x" tabIndex={0} role="group" aria-label="Workers">
      <table className="plain">
        <thead>
          <tr>
            <th>Worker</th>
            <th>State</th>
            <th>Host</th>
            <th>Sign of life ends</th>
          </tr>
        </thead>
        <tbody>
          {workers
            .toSorted((a, b) => Number(b.alive) - Number(a.alive) || a.name.localeCompare(b.name))
            .map(({ name, host, alive, expires_at: expiresAt }) => (
              <tr key={name}>
                <td>{name}</td>
                <td>
                  <span className="state" data-tone={alive ? "good" : "bad"}>
                    <Icon name={alive ? "check" : "cross"} size={14} /> {alive ? "Alive" : "Silent"}
                  </span>
                </td>
                <td>{host}</td>
                <td>
                  <RelativeTime at={expiresAt} />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
