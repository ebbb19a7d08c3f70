// Shows that a screen has nothing to show: why, and what to do about it.
import type { ReactElement, ReactNode } from "react";
import { CopyCommand } from "../actions/copy-command.tsx";
import { Icon, type IconName } from "../values/icon.tsx";

export interface EmptyStateProps {
  readonly title: string;
  /** Why it is empty, and what would fill it. */
  readonly children?: ReactNode;
  /** Commands that would fill it, to copy. */
  readonly commands?: readonly string[];
  readonly icon?: IconName;
}

/** An empty place that teaches. */
export function EmptyState({ title, children, commands = [], icon = "inbox" }: EmptyStateProps): ReactElement {
  return (
    <div className="empty">
      <Icon name={icon} size={28} />
      <p className="empty-title">{title}</p>
      {children === undefined ? null : <div className="muted">{children}</div>}
      {commands.map((command) => (
        <CopyCommand key={command} command={command} />
      ))}
    </div>
  );
}
