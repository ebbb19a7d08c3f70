// The screen of streams: topics, the groups that work through them, replays, and the records that could not be handled.
import "../../styles/panels.css";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { PageHeader } from "../../components/frame/page-header.tsx";
import { Tabs } from "../../components/tables/tabs.tsx";
import { useApi } from "../../queries/use-api.ts";
import { DeadLetterList } from "../../streams/dead-letter-list.tsx";
import { GroupTable } from "../../streams/group-table.tsx";
import { ReplayTable } from "../../streams/replay-table.tsx";
import { StoreTable } from "../../streams/store-table.tsx";
import { TopicTable } from "../../streams/topic-table.tsx";

const route = getRouteApi("/streams");

/** The tab is in the address. */
export function Streams(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { tab = "topics" } = search;
  const { data } = useApi("listDeadLetters", { query: { limit: 1 } }, { refetchMs: 5_000 });
  const open = data?.open ?? 0;
  return (
    <div className="screen">
      <PageHeader title="Streams" />
      <Tabs
        label="Streams"
        current={tab}
        onChange={(next) => void navigate({ to: "/streams", search: { tab: next === "topics" ? undefined : next } })}
        tabs={[
          { name: "topics", label: "Topics" },
          { name: "groups", label: "Groups" },
          { name: "stores", label: "Stores" },
          { name: "replays", label: "Replays" },
          { name: "dead-letters", label: "Dead letters", ...(open === 0 ? {} : { note: open }) },
        ]}
      >
        {tab === "topics" ? <TopicTable /> : null}
        {tab === "groups" ? <GroupTable /> : null}
        {tab === "stores" ? <StoreTable /> : null}
        {tab === "replays" ? <ReplayTable /> : null}
        {tab === "dead-letters" ? (
          <DeadLetterList
            search={search}
            onChange={(next) => void navigate({ to: "/streams", search: { ...search, ...next }, replace: true })}
          />
        ) : null}
      </Tabs>
    </div>
  );
}
