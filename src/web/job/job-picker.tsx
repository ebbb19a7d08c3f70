// A field that names a job, with the names that exist as suggestions.
import { useId, useState, type ReactElement } from "react";
import { useApi } from "../queries/use-api.ts";

export interface JobPickerProps {
  readonly value: string | undefined;
  /** Called when a name is chosen or finished, not at each letter. Undefined means all jobs. */
  readonly onChange: (job: string | undefined) => void;
}

/** Empty means all jobs. */
export function JobPicker({ value, onChange }: JobPickerProps): ReactElement {
  const id = useId();
  const [draft, setDraft] = useState(value ?? "");
  const [given, setGiven] = useState(value);
  const { data } = useApi("listJobs", { query: { limit: 500 } });
  if (given !== value) {
    setGiven(value);
    setDraft(value ?? "");
  }
  const commit = (text: string): void => {
    const name = text.trim() === "" ? undefined : text.trim();
    if (name !== value) onChange(name);
  };
  return (
    <form
      className="field-inline"
      onSubmit={(event) => {
        event.preventDefault();
        commit(draft);
      }}
    >
      <label htmlFor={id}>Job</label>
      <input
        id={id}
        type="search"
        className="input"
        list={`${id}-names`}
        placeholder="all jobs"
        value={draft}
        autoComplete="off"
        onChange={(event) => {
          setDraft(event.target.value);
          const isName = data?.items.some((job) => job.job_name === event.target.value) ?? false;
          if (isName || event.target.value === "") commit(event.target.value);
        }}
        onBlur={() => commit(draft)}
      />
      <datalist id={`${id}-names`}>
        {data?.items.map((job) => (
          <option key={job.job_name} value={job.job_name} />
        ))}
      </datalist>
    </form>
  );
}
