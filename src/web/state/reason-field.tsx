// Why somebody changes something: one line that is kept with the change.
import { useId, type ReactElement } from "react";

export interface ReasonFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** At most 500 characters. */
export function ReasonField({ label, value, onChange }: ReasonFieldProps): ReactElement {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} value={value} maxLength={500} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}
