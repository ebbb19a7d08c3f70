// What became of a message, as a shape, a colour and a word.
import type { ReactElement } from "react";
import type { NotificationState as State } from "../../core/notification/notification-state.ts";
import type { StateAppearance } from "../components/values/state-appearance.ts";
import { StateMark } from "../components/values/state-mark.tsx";

const appearances: Readonly<Record<State, StateAppearance>> = {
  waiting: { label: "Waiting", icon: "clock", tone: "waiting" },
  sent: { label: "Sent", icon: "check", tone: "good" },
  partly_sent: { label: "Partly sent", icon: "warning", tone: "warn" },
  given_up: { label: "Given up", icon: "cross", tone: "bad" },
  dropped: { label: "Dropped", icon: "skip", tone: "neutral" },
};

export function describeNotificationState(state: State): StateAppearance {
  return appearances[state];
}

export function NotificationState({ state }: { readonly state: State }): ReactElement {
  return <StateMark {...describeNotificationState(state)} />;
}
