// Fields for the params of a job, or one field of JSON when the schema is none that fields can express.
import { useId, type ReactElement } from "react";
import { type ParamField, type ParamsDraft } from "./params-fields.ts";

export interface ParamsFormProps {
  /** Null: one field of JSON, whose draft is under the empty name. */
  readonly fields: readonly ParamField[] | null;
  readonly draft: ParamsDraft;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (name: string, text: string) => void;
}

/** Problems stand at their fields. */
export function ParamsForm({ fields, draft, problems, onChange }: ParamsFormProps): ReactElement {
  const id = useId();
  if (fields === null) {
    return (
      <Labelled id={`${id}-json`} label="Params as JSON" note={null} problem={problems.get("")}>
        <textarea
          id={`${id}-json`}
          rows={6}
          spellCheck={false}
          placeholder="{}"
          value={draft[""] ?? ""}
          aria-describedby={`${id}-json-note`}
          onChange={(event) => onChange("", event.target.value)}
        />
      </Labelled>
    );
  }
  if (fields.length === 0) return <p className="muted">It takes no params.</p>;
  return (
    <>
      {fields.map((field) => (
        <Labelled
          key={field.name}
          id={`${id}-${field.name}`}
          label={field.name}
          note={noteOf(field)}
          problem={problems.get(field.name)}
        >
          <FieldInput
            field={field}
            id={`${id}-${field.name}`}
            text={draft[field.name] ?? ""}
            isInvalid={problems.has(field.name)}
            onChange={(text) => onChange(field.name, text)}
          />
        </Labelled>
      ))}
    </>
  );
}

interface FieldInputProps {
  readonly field: ParamField;
  readonly id: string;
  readonly text: string;
  readonly isInvalid: boolean;
  readonly onChange: (text: string) => void;
}

function FieldInput({ field, id, text, isInvalid, onChange }: FieldInputProps): ReactElement {
  const shared = { id, value: text, "aria-invalid": isInvalid, "aria-describedby": `${id}-note` };
  switch (field.kind) {
    case "choice":
    case "boolean": {
      const choices = field.kind === "boolean" ? ["true", "false"] : field.choices;
      return (
        <select {...shared} onChange={(event) => onChange(event.target.value)}>
          <option value="">{field.isRequired ? "choose" : "left out"}</option>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice.startsWith('"') ? choice.slice(1, -1) : choice}
            </option>
          ))}
        </select>
      );
    }
    case "list":
    case "json":
      return (
        <textarea
          {...shared}
          rows={field.kind === "list" ? 3 : 5}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    default:
      return (
        <input
          {...shared}
          type={field.kind === "date" ? "date" : "text"}
          inputMode={field.kind === "integer" ? "numeric" : field.kind === "number" ? "decimal" : "text"}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

interface LabelledProps {
  readonly id: string;
  readonly label: string;
  readonly note: string | null;
  readonly problem: string | undefined;
  readonly children: ReactElement;
}

function Labelled({ id, label, note, problem, children }: LabelledProps): ReactElement {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      <span id={`${id}-note`} className={problem === undefined ? "muted" : "field-error"} role="status">
        {problem ?? note}
      </span>
    </div>
  );
}

function noteOf(field: ParamField): string {
  const kind = {
    list: "one in each line",
    json: "JSON",
    datetime: "an instant such as 2026-01-31T06:00:00Z",
    integer: "a whole number",
  };
  const words = [
    field.description,
    (kind as Partial<Record<ParamField["kind"], string>>)[field.kind] ?? null,
    field.isRequired ? "required" : null,
  ];
  return words.filter((word) => word !== null).join(" · ");
}
