// Find or do anything by a few letters: jobs, runs and datasets from the server, screens and actions from here. A combobox:
// arrows move, Enter chooses among what the whole text found, however late that is, Escape closes.
import { useNavigate } from "@tanstack/react-router";
import {
  useDeferredValue,
  useEffect,
  useEffectEvent,
  useId,
  useState,
  type KeyboardEvent,
  type ReactElement,
} from "react";
import { useRole } from "../../queries/session.ts";
import { useApi } from "../../queries/use-api.ts";
import { Icon } from "../values/icon.tsx";
import { listCommands, toCommands, type Command } from "./palette-commands.ts";
import { Dialog } from "../actions/dialog.tsx";
import { useAction } from "../actions/use-action.tsx";

/** Open while it is mounted. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const id = useId();
  const { commands, isSettled, status } = useCommands(text);
  const { choose, dialog } = useChoice(onClose);
  const current = Math.min(active, Math.max(0, commands.length - 1));
  const setChosen = useOnce(isSettled, () => choose(commands[current]));
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = { ArrowDown: current + 1, ArrowUp: current - 1 }[event.key];
    if (next !== undefined) setActive((next + commands.length) % Math.max(1, commands.length));
    else if (event.key === "Enter") setChosen(true);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog isOpen title="Find or do anything" onClose={onClose} size="large">
      <input
        className="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={commands.length === 0 ? undefined : `${id}-${current}`}
        aria-label="A job, a run, a dataset, a screen or an action"
        placeholder="A job, a run such as r42, a dataset, an action…"
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={text}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
          setChosen(false);
        }}
      />
      <ul id={`${id}-list`} className="palette-list" role="listbox" aria-label="Results">
        {commands.map((command, index) => (
          <PaletteItem
            key={command.key}
            id={`${id}-${index}`}
            command={command}
            isActive={index === current}
            onChoose={choose}
          />
        ))}
      </ul>
      <p className="palette-foot muted" role="status">
        {status}
      </p>
      {dialog}
    </Dialog>
  );
}

/** Acts once both are so: it was asked for, and what is shown is no longer what the text before found. */
function useOnce(isSettled: boolean, act: () => void): (isAsked: boolean) => void {
  const [isAsked, setAsked] = useState(false);
  const actNow = useEffectEvent(() => {
    setAsked(false);
    act();
  });
  useEffect(() => {
    if (isAsked && isSettled) actNow();
  }, [isAsked, isSettled]);
  return setAsked;
}

interface Commands {
  readonly commands: readonly Command[];
  /** They are those of this text, all of them. */
  readonly isSettled: boolean;
  readonly status: string;
}

function useCommands(text: string): Commands {
  const query = useDeferredValue(text.trim());
  const role = useRole();
  const { data, isFetching, isPlaceholderData, error } = useApi(
    "search",
    { query: { q: query } },
    { enabled: query !== "", keepPrevious: true },
  );
  const found = query === "" || data === undefined ? [] : toCommands(data, role);
  const commands = [...found, ...listCommands(query, role)];
  const counted = `${commands.length} ${commands.length === 1 ? "result" : "results"}`;
  const settled = commands.length === 0 ? `Nothing is called “${query}”` : counted;
  const isAnswered = query === "" || error !== null || (data !== undefined && !isPlaceholderData);
  return {
    commands,
    isSettled: isAnswered && query === text.trim(),
    status: error !== null ? error.message : isFetching ? "Looking…" : settled,
  };
}

function useChoice(onClose: () => void): {
  readonly choose: (command: Command | undefined) => void;
  readonly dialog: ReactElement | null;
} {
  const navigate = useNavigate();
  const { start, dialog } = useAction();
  const choose = (command: Command | undefined): void => {
    if (command === undefined) return;
    if (command.action === undefined) {
      onClose();
      void navigate(command.to);
      return;
    }
    const { action } = command;
    // What is asked first is asked over the palette, so that Escape leads back to it.
    start({ ...action, run: (answer) => action.run(answer).finally(onClose) });
  };
  return { choose, dialog };
}

interface PaletteItemProps {
  readonly id: string;
  readonly command: Command;
  readonly isActive: boolean;
  readonly onChoose: (command: Command) => void;
}

function PaletteItem({ id, command, isActive, onChoose }: PaletteItemProps): ReactElement {
  return (
    <li
      id={id}
      ref={(element) => {
        if (isActive) element?.scrollIntoView({ block: "nearest" });
      }}
      role="option"
      aria-selected={isActive}
      className="palette-item"
      onClick={() => onChoose(command)}
    >
      <Icon name={command.icon} />
      <span className="palette-label">{command.label}</span>
      <span className="muted palette-note">{command.note}</span>
    </li>
  );
}
