// What became of a message, as a shape, a colour and a word.
import type { ReactElement } from "react";
import type { NotificationState as State } from "../../core/notification/notification-state.ts";
import { Icon, type IconName } from "../components/values/icon.tsx";
import type { Tone } from "../components/values/state-appearance.ts";

interface Appearance {
  readonly label: string;
  readonly icon: IconName;
  readonly tone: Tone;
}

const appearances: Readonly<Record<State, Appearance>> = {
  waiting: { label: "Waiting", icon: "clock", tone: "waiting" },
  sent: { label: "Sent", icon: "check", tone: "good" },
  partly_sent: { label: "Partly sent", icon: "warning", tone: "warn" },
  given_up: { label: "Given up", icon: "cross", tone: "bad" },
  dropped: { label: "Dropped", icon: "skip", tone: "neutral" },
};

export function describeNotificationState(state: State): Appearance {
  return appearances[state];
}

export function NotificationState({ state }: { readonly state: State }): ReactElement {
  const { label, icon, tone } = describeNotificationState(state);
  return (
    <span className="state state-plain" data-tone={tone}>
      <Icon name={icon} size={14} />
      <span>{label}</span>
    </span>
  );
}
