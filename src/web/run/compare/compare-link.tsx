// From a run to its comparison with the last one that succeeded before it.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Run } from "../../../api/run.ts";
import { Icon } from "../../components/values/icon.tsx";
import { useApi } from "../../queries/use-api.ts";
import { toCompareParams } from "./compare-picker.tsx";

/** Nothing when no run of the job has succeeded before. */
export function CompareLink({ run }: { readonly run: Run }): ReactElement | null {
  const { data } = useApi("listRuns", {
    query: {
      job: run.job_name,
      state: "FINISHED",
      until: run.created_at,
      limit: 1,
      children: run.parent_run_id !== null,
    },
  });
  const other = data?.items.find(({ run_id: id }) => id !== run.run_id);
  if (other === undefined) return null;
  const [a, b] = toCompareParams(other.run_id, run.run_id);
  return (
    <Link to="/compare/$a/$b" params={{ a, b }} className="button">
      <Icon name="overlap" /> Compare
    </Link>
  );
}
