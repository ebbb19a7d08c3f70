// The keys that work on the screen behind it.
import type { ReactElement } from "react";
import { Dialog } from "../actions/dialog.tsx";
import { modifierName, useShortcuts, type Shortcut } from "./shortcuts.ts";

const everywhere: readonly Shortcut[] = [
  { keys: "Enter", text: "open the row or press the button" },
  { keys: "Escape", text: "close what is open" },
];

/** Open while it is mounted. */
export function KeyboardHelp({ onClose }: { readonly onClose: () => void }): ReactElement {
  // In the order in which they came.
  const shortcuts = [...useShortcuts().toReversed(), ...everywhere];
  const [going, others] = [shortcuts.filter(isGoing), shortcuts.filter((shortcut) => !isGoing(shortcut))];
  return (
    <Dialog isOpen title="Keys" onClose={onClose} size="large">
      <div className="keys">
        <KeyList shortcuts={others} />
        <KeyList shortcuts={going} />
      </div>
    </Dialog>
  );
}

function isGoing({ keys }: Shortcut): boolean {
  return keys.startsWith("g ");
}

function KeyList({ shortcuts }: { readonly shortcuts: readonly Shortcut[] }): ReactElement {
  return (
    <dl className="key-list">
      {shortcuts.map(({ keys, text }) => (
        <div key={keys}>
          <dt>
            {keys.split(/[ +]/).map((key) => (
              <kbd key={key}>{key === "mod" ? modifierName() : key}</kbd>
            ))}
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
