// Something a person may do: what the button says, what is asked before, what it calls. Buttons, menus and the palette share it.
import type { ReactNode } from "react";
import type { IconName } from "../values/icon.tsx";

export interface Action {
  /** Begins with a verb. */
  readonly label: string;
  readonly icon: IconName;
  /** Looks dangerous. */
  readonly isDanger?: boolean;
  /** Why it cannot be done now; undefined when it can. */
  readonly whyNot?: string | undefined;
  /** Asked before. Left out: it is done at once. */
  readonly confirm?: Confirmation;
  /** Does it; gives what to say afterwards. What it throws is shown. */
  readonly run: (answer: ActionAnswer) => Promise<string>;
}

export interface Confirmation {
  readonly title: string;
  /** What will happen, with exact counts and names. */
  readonly text: ReactNode;
  /** Whether a reason may be given; default true. */
  readonly hasReason?: boolean;
  /** Must be typed first, for what cannot be taken back. */
  readonly typedName?: string;
}

export interface ActionAnswer {
  /** What the person gave as reason. */
  readonly reason?: string;
}
