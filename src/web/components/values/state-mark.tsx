// The state of whatever is no run, as a shape, a colour and a word.
import type { ReactElement } from "react";
import { Icon } from "./icon.tsx";
import type { StateAppearance } from "./state-appearance.ts";

/** Without a background, for tables. Runs have `StateBadge`. */
export function StateMark({ label, icon, tone }: StateAppearance): ReactElement {
  return (
    <span className="state state-plain" data-tone={tone}>
      <Icon name={icon} size={14} />
      <span>{label}</span>
    </span>
  );
}
