// Chooses the other run to compare with: a run of the same job, by its place in the list or by its id.
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent, type ReactElement } from "react";
import type { Run } from "../../../api/run.ts";
import { formatAge } from "../../components/values/format-quantity.ts";
import { describeState } from "../../components/values/state-appearance.ts";
import { serverNowMs } from "../../queries/server-clock.ts";
import { useApi } from "../../queries/use-api.ts";

export interface ComparePickerProps {
  /** The run that stays. */
  readonly run: Run;
  readonly otherId: string | undefined;
}

/** In the address, the older run comes first. */
export function ComparePicker({ run, otherId }: ComparePickerProps): ReactElement {
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const { data } = useApi("listRuns", {
    query: { job: run.job_name, limit: 50, children: run.parent_run_id !== null },
  });
  const go = (id: string): void => {
    const [a, b] = toCompareParams(run.run_id, id);
    void navigate({ to: "/compare/$a/$b", params: { a, b } });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (/^r\d{1,18}$/.test(typed.trim())) go(typed.trim());
  };
  const choices = data?.items.filter(({ run_id: id }) => id !== run.run_id) ?? [];
  return (
    <div className="compare-picker">
      <label>
        Compare {run.run_id} with{" "}
        <select className="filter" value={otherId ?? ""} onChange={(event) => go(event.target.value)}>
          {otherId === undefined || choices.some(({ run_id: id }) => id === otherId) ? null : (
            <option value={otherId}>{otherId}</option>
          )}
          {otherId === undefined ? <option value="">choose a run</option> : null}
          {choices.map((each) => (
            <option key={each.run_id} value={each.run_id}>
              {each.run_id} · {describeState(each.state, each.reason).label} ·{" "}
              {formatAge(serverNowMs() - Date.parse(each.created_at))}
            </option>
          ))}
        </select>
      </label>
      <form onSubmit={submit}>
        <label>
          <span className="only-read">Id of another run</span>
          <input
            value={typed}
            placeholder="or its id, such as r42"
            pattern="\s*r[0-9]{1,18}\s*"
            title="an id such as r42"
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <button type="submit" className="button">
          Compare
        </button>
      </form>
    </div>
  );
}

/** The older run first, so that a change is told as what the newer one has more or less. */
export function toCompareParams(one: string, other: string): readonly [a: string, b: string] {
  return Number(one.slice(1)) < Number(other.slice(1)) ? [one, other] : [other, one];
}
