// The screen of notifications: what people were told, what could not be told, and the channels.
import "../styles/panels.css";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { notificationStates } from "../../core/notification/notification-state.ts";
import { PageHeader } from "../components/frame/page-header.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { ChannelTable } from "../notifications/channel-table.tsx";
import { NotificationList } from "../notifications/notification-list.tsx";
import { describeNotificationState } from "../notifications/notification-state.tsx";
import type { NotificationsSearch } from "../search/notifications-search.ts";

const route = getRouteApi("/notifications");
const stateOptions = notificationStates.map((state) => ({
  value: state,
  label: describeNotificationState(state).label,
}));

/** The newest first. */
export function Notifications(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<NotificationsSearch>): void =>
    void navigate({ to: "/notifications", search: { ...search, ...next }, replace: true });
  const isFiltered = search.state !== undefined || search.channel !== undefined || search.job !== undefined;
  return (
    <div className="screen">
      <PageHeader title="Notifications" />
      <FilterBar
        label="Filter of notifications"
        isFiltered={isFiltered}
        onClear={() => void navigate({ to: "/notifications", search: {} })}
      >
        <ChoiceFilter
          label="State"
          anyLabel="Any state"
          value={search.state ?? ""}
          options={stateOptions}
          onChange={(state) => change({ state })}
        />
        <TextFilter
          label="Channel"
          value={search.channel ?? ""}
          onChange={(channel) => change({ channel: channel === "" ? undefined : channel })}
        />
        <TextFilter
          label="Job"
          value={search.job ?? ""}
          onChange={(job) => change({ job: job === "" ? undefined : job })}
        />
      </FilterBar>
      <NotificationList search={search} />
      <section className="card" aria-labelledby="channels-title">
        <h2 id="channels-title">Channels</h2>
        <ChannelTable />
      </section>
    </div>
  );
}
