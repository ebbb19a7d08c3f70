// What became of a dead letter, as a shape, a colour and a word.
import type { ReactElement } from "react";
import type { DeadLetterState } from "../../core/stream/stream-ledger.ts";
import type { StateAppearance } from "../components/values/state-appearance.ts";
import { StateMark } from "../components/values/state-mark.tsx";

const appearances: Readonly<Record<DeadLetterState, StateAppearance>> = {
  open: { label: "Open", icon: "cross", tone: "bad" },
  retried: { label: "Retried", icon: "retry", tone: "good" },
  discarded: { label: "Discarded", icon: "skip", tone: "neutral" },
};

export function labelOf(state: DeadLetterState): string {
  return appearances[state].label;
}

export function LetterState({ state }: { readonly state: DeadLetterState }): ReactElement {
  return <StateMark {...appearances[state]} />;
}
