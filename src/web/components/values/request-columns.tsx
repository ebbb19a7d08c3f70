// The columns that tell of one request to a service, in every list of them.
import type { ReactElement } from "react";
import type { ServiceRequestRecord } from "../../../api/request.ts";
import type { Column } from "../tables/table-props.ts";
import { formatBytes, formatMs } from "./format-quantity.ts";
import { Icon } from "./icon.tsx";
import { Instant } from "./time.tsx";

export const requestColumns: Readonly<
  Record<"started" | "address" | "answer" | "took" | "bytes", Column<ServiceRequestRecord>>
> = {
  started: { header: "Started", width: "128px", cell: ({ started_at: at }) => <Instant at={at} /> },
  address: {
    header: "Request",
    width: "minmax(220px, 5fr)",
    isTitle: true,
    cell: ({ method, address }) => (
      <code className="request-address">
        {method} {address}
      </code>
    ),
  },
  answer: { header: "Answer", width: "minmax(80px, 1fr)", cell: Answer },
  took: {
    header: "Took",
    width: "64px",
    align: "end",
    cell: ({ duration_ms: ms }) => <span className="number">{formatMs(ms)}</span>,
  },
  bytes: {
    header: "Bytes",
    width: "64px",
    align: "end",
    cell: ({ received_bytes: bytes }) => <span className="number">{formatBytes(bytes)}</span>,
  },
};

function Answer({ status, error, failed, repeat }: ServiceRequestRecord): ReactElement {
  return (
    <span className="state state-plain" data-tone={failed ? "bad" : "good"}>
      <Icon name={failed ? "cross" : "check"} size={14} />
      <span>
        {[status, error].filter((part) => part !== null).join(" ")}
        {repeat === 0 ? null : <span className="muted"> again {repeat}</span>}
      </span>
    </span>
  );
}
