// JSON to look at: collapsible, bounded, and only ever text, whatever it contains.
import type { ReactElement } from "react";
import type { JsonValue } from "../../../api/page.ts";

export interface JsonViewProps {
  readonly value: JsonValue;
  /** Levels that are open at first; default 2. */
  readonly openLevels?: number;
}

/** Children beyond this many are counted, not shown. */
const maxChildren = 200;
const maxText = 2_000;

/** A tree of native disclosures. */
export function JsonView({ value, openLevels = 2 }: JsonViewProps): ReactElement {
  return (
    <div className="json">
      <Node value={value} level={0} openLevels={openLevels} />
    </div>
  );
}

function Node({ name, value, level, openLevels }: NodeProps): ReactElement {
  const label = name === undefined ? null : <span className="json-name">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div>
        {label}
        <span className={`json-${value === null ? "null" : typeof value}`}>{toText(value)}</span>
      </div>
    );
  }
  const isArray = Array.isArray(value);
  const entries = Object.entries(value) as readonly [string, JsonValue][];
  const size = `${entries.length} ${isArray ? (entries.length === 1 ? "item" : "items") : entries.length === 1 ? "field" : "fields"}`;
  if (entries.length === 0) {
    return (
      <div>
        {label}
        <span className="json-null">{isArray ? "[]" : "{}"}</span>
      </div>
    );
  }
  return (
    <details open={level < openLevels}>
      <summary>
        {label}
        <span className="muted">{size}</span>
      </summary>
      <div className="json-children">
        {entries.slice(0, maxChildren).map(([key, child]) => (
          <Node key={key} name={key} value={child} level={level + 1} openLevels={openLevels} />
        ))}
        {entries.length > maxChildren ? <div className="muted">and {entries.length - maxChildren} more</div> : null}
      </div>
    </details>
  );
}

interface NodeProps {
  readonly name?: string;
  readonly value: JsonValue;
  readonly level: number;
  readonly openLevels: number;
}

function toText(value: string | number | boolean | null): string {
  const text = JSON.stringify(value);
  return text.length > maxText ? `${text.slice(0, maxText)}… (${text.length} characters)` : text;
}
