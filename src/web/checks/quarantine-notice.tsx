// Rows that wait for a decision, over all datasets; nothing while there are none.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { useApi } from "../queries/use-api.ts";

/** What no run resolves by itself stays here until somebody decides, whatever the newest runs found. */
export function QuarantineNotice(): ReactElement | null {
  const { data } = useApi("listQuarantine", {}, { refetchMs: 30_000 });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className="notice" data-tone="held" aria-label="Rows in quarantine">
      <Icon name="warning" size={20} />
      <ul>
        {data.items.map(({ dataset, rows }) => (
          <li key={dataset}>
            <span className="number">{formatCount(rows)}</span> {rows === 1 ? "row" : "rows"} of{" "}
            <Link to="/datasets/$dataset" params={{ dataset }}>
              {dataset}
            </Link>{" "}
            in quarantine
          </li>
        ))}
      </ul>
    </section>
  );
}
