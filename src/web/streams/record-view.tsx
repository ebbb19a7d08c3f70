// One record: its key and value in a line, and the whole of it in a dialog.
import { useState, type ReactElement } from "react";
import type { BytesView, RecordView } from "../../api/streams/topic.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { Fact } from "../components/values/fact.tsx";
import { formatBytes } from "../components/values/format-quantity.ts";
import { JsonView } from "../components/values/json-view.tsx";
import { Instant, Nothing } from "../components/values/time.tsx";
import "./streams.css";

/** In a line, cut where it does not fit. */
export function BytesText({ bytes }: { readonly bytes: BytesView }): ReactElement {
  if (bytes.encoding === "null") return <Nothing />;
  const text = bytes.encoding === "json" ? JSON.stringify(bytes.json) : (bytes.text ?? "");
  return (
    <code className="record-text" title={text.slice(0, 500)}>
      {bytes.encoding === "base64" ? <span className="muted">base64 </span> : null}
      {text.slice(0, 200)}
      {bytes.truncated || text.length > 200 ? "…" : ""}
    </code>
  );
}

/** With its structure. */
export function BytesBlock({ bytes }: { readonly bytes: BytesView }): ReactElement {
  if (bytes.encoding === "null") return <span className="muted">none, which is not the same as an empty one</span>;
  if (bytes.encoding === "json") return <JsonView value={bytes.json} />;
  return (
    <>
      <pre className="record-block">{bytes.text}</pre>
      {bytes.encoding === "base64" || bytes.truncated ? (
        <p className="muted">
          {bytes.encoding === "base64" ? "base64 of " : ""}
          {bytes.truncated ? "the begin of " : ""}
          {formatBytes(bytes.bytes)}
        </p>
      ) : null}
    </>
  );
}

export function RecordButton({ record }: { readonly record: RecordView }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const place = `${record.partition}@${record.offset}`;
  return (
    <>
      <button
        type="button"
        className="button button-quiet"
        aria-label={`Show record ${place}`}
        onClick={() => setOpen(true)}
      >
        Show
      </button>
      <Dialog isOpen={isOpen} title={`Record ${place}`} size="large" onClose={() => setOpen(false)}>
        <RecordFacts record={record} />
      </Dialog>
    </>
  );
}

/** Time, key, headers and value. */
export function RecordFacts({ record }: { readonly record: Omit<RecordView, "partition" | "offset"> }): ReactElement {
  const { at, key, headers, value } = record;
  return (
    <>
      <dl className="facts">
        <Fact name="Time">
          <Instant at={at} />
        </Fact>
        <Fact name="Key">
          <BytesText bytes={key} />
        </Fact>
        {headers.map(({ name, value: header }, index) => (
          <Fact key={`${index} ${name}`} name={`Header ${name}`}>
            <BytesText bytes={header} />
          </Fact>
        ))}
      </dl>
      <h3>Value</h3>
      <BytesBlock bytes={value} />
    </>
  );
}
