// What became of a dead letter, as a shape, a colour and a word.
import type { ReactElement } from "react";
import type { DeadLetterState } from "../../core/stream/stream-ledger.ts";
import { Icon, type IconName } from "../components/values/icon.tsx";
import type { Tone } from "../components/values/state-appearance.ts";

const appearances: Readonly<
  Record<DeadLetterState, { readonly label: string; readonly icon: IconName; readonly tone: Tone }>
> = {
  open: { label: "Open", icon: "cross", tone: "bad" },
  retried: { label: "Retried", icon: "retry", tone: "good" },
  discarded: { label: "Discarded", icon: "skip", tone: "neutral" },
};

export function labelOf(state: DeadLetterState): string {
  return appearances[state].label;
}

export function LetterState({ state }: { readonly state: DeadLetterState }): ReactElement {
  const { label, icon, tone } = appearances[state];
  return (
    <span className="state state-plain" data-tone={tone}>
      <Icon name={icon} size={14} />
      <span>{label}</span>
    </span>
  );
}
