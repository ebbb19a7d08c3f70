// Tabs whose choice is in the address: links to the eye and the browser, moved through with arrows.
import { useEffect, useRef, type KeyboardEvent, type ReactElement, type ReactNode } from "react";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly label: string;
  /** Such as how many there are. */
  readonly note?: ReactNode;
}

export interface TabsProps<Name extends string> {
  /** What the tabs are of, for people who hear them. */
  readonly label: string;
  readonly tabs: readonly Tab<Name>[];
  readonly current: Name;
  readonly onChange: (name: Name) => void;
  /** The panel of the current tab. */
  readonly children: ReactNode;
}

/** Arrows, Home and End move and choose. Only the panel of the current tab is mounted. */
export function Tabs<Name extends string>({ label, tabs, current, onChange, children }: TabsProps<Name>): ReactElement {
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const index = tabs.findIndex((tab) => tab.name === current);
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    const tab = tabs[(next + tabs.length) % tabs.length];
    if (tab === undefined) return;
    event.preventDefault();
    onChange(tab.name);
    const buttons = event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]");
    buttons[tabs.indexOf(tab)]?.focus();
  };
  const list = useRef<HTMLDivElement>(null);
  // On a narrow screen the row of tabs scrolls.
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <div className="tabs">
      <div ref={list} className="tab-list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(({ name, label: text, note }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === current}
            {...(name === current ? { "aria-controls": `panel-${name}` } : {})}
            tabIndex={name === current ? 0 : -1}
            onClick={() => onChange(name)}
          >
            {text}
            {note === undefined ? null : <span className="tab-note number">{note}</span>}
          </button>
        ))}
      </div>
      <div
        className="tab-panel"
        role="tabpanel"
        id={`panel-${current}`}
        aria-labelledby={`tab-${current}`}
        tabIndex={0}
      >
        {children}
      </div>
    </div>
  );
}
