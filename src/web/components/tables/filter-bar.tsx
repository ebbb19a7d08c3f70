// Filters above a list. Each field writes to the address; the server filters. `/` goes to the search field.
import { useEffect, useEffectEvent, useId, useRef, useState, type ReactElement, type ReactNode } from "react";
import { Icon } from "../values/icon.tsx";
import { useShortcut } from "../frame/shortcuts.ts";

export interface FilterBarProps {
  /** What is filtered. */
  readonly label: string;
  readonly isFiltered: boolean;
  readonly onClear: () => void;
  readonly children: ReactNode;
}

/** A row of fields, with a button that takes all filters away. */
export function FilterBar({ label, isFiltered, onClear, children }: FilterBarProps): ReactElement {
  return (
    <div className="filters" role="search" aria-label={label}>
      {children}
      {isFiltered ? (
        <button type="button" className="button button-quiet" onClick={onClear}>
          <Icon name="close" /> Clear filters
        </button>
      ) : null}
    </div>
  );
}

export interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** Whether `/` goes here, and a lens shows; default false. */
  readonly isMain?: boolean;
}

const typingMs = 250;

/** Text that is given on when typing pauses, or at once with Enter. */
export function TextFilter({ label, value, onChange, placeholder, isMain = false }: TextFilterProps): ReactElement {
  const id = useId();
  const ref = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(value);
  const [lastValue, setLastValue] = useState(value);
  if (value !== lastValue) {
    // The address changed by something else, such as Back.
    setLastValue(value);
    setDraft(value);
  }
  const commit = useEffectEvent(() => {
    if (draft.trim() !== value) onChange(draft.trim());
  });
  useEffect(() => {
    const timer = setTimeout(() => commit(), typingMs);
    return () => clearTimeout(timer);
  }, [draft]);
  useShortcut("/", "go to the search field", () => ref.current?.focus(), isMain);
  return (
    <div className={isMain ? "filter filter-main" : "filter"}>
      <label htmlFor={id} className="only-read">
        {label}
      </label>
      {isMain ? <Icon name="search" /> : null}
      <input
        ref={ref}
        id={id}
        type="search"
        value={draft}
        maxLength={200}
        placeholder={placeholder ?? label}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          // What was looked for is in the list, where `j` and `k` move.
          if (event.key === "Enter" || (event.key === "Escape" && draft === "")) event.currentTarget.blur();
        }}
      />
      {isMain ? <kbd aria-hidden="true">/</kbd> : null}
    </div>
  );
}

export interface ChoiceFilterProps<Value extends string> {
  readonly label: string;
  readonly value: Value | "";
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  /** What the empty choice says, such as `Any time`. */
  readonly anyLabel: string;
  readonly onChange: (value: Value | undefined) => void;
}

/** One of several. */
export function ChoiceFilter<Value extends string>(props: ChoiceFilterProps<Value>): ReactElement {
  const { label, value, options, anyLabel, onChange } = props;
  return (
    <select
      className="filter"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(options.find((option) => option.value === event.target.value)?.value)}
    >
      <option value="">{anyLabel}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

export interface ToggleFilterProps<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  readonly options: readonly { readonly value: Value; readonly label: ReactNode }[];
  readonly onChange: (values: readonly Value[]) => void;
}

/** Any of several, as buttons that stay pressed. */
export function ToggleFilter<Value extends string>(props: ToggleFilterProps<Value>): ReactElement {
  const { label, values, options, onChange } = props;
  const toggle = (value: Value): void =>
    onChange(values.includes(value) ? values.filter((other) => other !== value) : [...values, value]);
  return (
    <div className="toggles" role="group" aria-label={label}>
      {options.map(({ value, label: text }) => (
        <button
          key={value}
          type="button"
          className="toggle"
          aria-pressed={values.includes(value)}
          onClick={() => toggle(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
