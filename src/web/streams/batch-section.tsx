// Batches that a group has taken, the newest first, with a way past one whose run cannot work through it.
import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { BatchView } from "../../api/streams/batch.ts";
import type { Action } from "../components/actions/action.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatBytes, formatCount } from "../components/values/format-quantity.ts";
import { RunLink } from "../components/values/run-link.tsx";
import type { StateAppearance } from "../components/values/state-appearance.ts";
import { StateMark } from "../components/values/state-mark.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { mayCall } from "../queries/permissions.ts";
import { useRole } from "../queries/session.ts";
import { keyOf, useApi } from "../queries/use-api.ts";

const shownBatches = 20;

/** Nothing for a group that takes records as they come. */
export function BatchSection({ group }: { readonly group: string }): ReactElement | null {
  const { data } = useApi("listBatches", { params: { group }, query: { limit: shownBatches } }, { refetchMs: 5_000 });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className="card" aria-labelledby="batches-title">
      <h2 id="batches-title">Batches</h2>
      <DataTable label="Batches" columns={columns} rows={data.items} idOf={({ number }) => String(number)} />
    </section>
  );
}

const columns: readonly Column<BatchView>[] = [
  { header: "Number", isTitle: true, cell: ({ number }) => <span className="number">{number}</span> },
  { header: "State", cell: (batch) => <BatchState batch={batch} /> },
  { header: "Run", cell: ({ run_id: runId }) => <RunLink runId={runId} /> },
  { header: "Records", align: "end", cell: ({ records }) => <span className="number">{formatCount(records)}</span> },
  { header: "Size", align: "end", cell: ({ bytes }) => <span className="number">{formatBytes(bytes)}</span> },
  { header: "Made by", cell: ({ because }) => because },
  { header: "Opened", cell: ({ opened_at: at }) => <RelativeTime at={at} /> },
  { header: "Ended", cell: ({ ended_at: at }) => <RelativeTime at={at} /> },
  { header: "Actions", isHeaderHidden: true, cell: (batch) => <GiveUp batch={batch} /> },
];

const appearances: Readonly<Record<BatchView["state"], StateAppearance>> = {
  open: { label: "Open", icon: "clock", tone: "waiting" },
  done: { label: "Done", icon: "check", tone: "good" },
  given_up: { label: "Given up", icon: "skip", tone: "neutral" },
};

/** Its run has ended without it, and what comes later waits behind it. Its run can be retried, and the batch given up, from the same row. */
const stands: StateAppearance = { label: "Nobody works on it", icon: "warning", tone: "bad" };

function BatchState({ batch: { state, stuck } }: { readonly batch: BatchView }): ReactElement {
  return <StateMark {...(stuck ? stands : appearances[state])} />;
}

function GiveUp({ batch }: { readonly batch: BatchView }): ReactElement | null {
  const role = useRole();
  const client = useQueryClient();
  if (batch.state !== "open" || !mayCall(role, "giveUpBatch")) return null;
  return (
    <ActionButton
      action={giveUpAction(batch, () => void client.invalidateQueries({ queryKey: keyOf("listBatches") }))}
      look="quiet"
    />
  );
}

function giveUpAction({ group, number, records }: BatchView, done: () => void): Action {
  return {
    label: "Give up",
    icon: "skip",
    isDanger: true,
    confirm: {
      title: `Give up batch ${number} of ${group}?`,
      text: `${formatCount(records)} records are passed over. Its run must have ended.`,
    },
    run: async ({ reason }) => {
      const body = reason === undefined ? {} : { reason };
      await call("giveUpBatch", { params: { group, batch: number }, body });
      done();
      return `${group} goes on behind batch ${number}`;
    },
  };
}
