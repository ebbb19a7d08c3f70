// Keys that work wherever nothing is being typed. The newest mounted component that wants a key gets it; what is registered is
// also what the help (`?`) shows.
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

export interface Shortcut {
  /** `j`, `?`, `mod+k` (Ctrl or ⌘), or two in a row: `g r`. */
  readonly keys: string;
  /** What it does, for the help. */
  readonly text: string;
}

/** Registers a key while the component is mounted. */
export function useShortcut(keys: string, text: string, run: () => void, isEnabled = true): void {
  const handle = useEffectEvent(run);
  useEffect(() => {
    if (!isEnabled) return;
    return registerShortcut({ keys, text }, () => handle());
  }, [keys, text, isEnabled]);
}

/** Without a component, such as for tests of a page. Returns how to take it back. */
export function registerShortcut(shortcut: Shortcut, run: () => void): () => void {
  const entry = { ...shortcut, run };
  if (entries.length === 0) document.addEventListener("keydown", handleKey);
  change([entry, ...entries]);
  return () => {
    change(entries.filter((other) => other !== entry));
    if (entries.length === 0) document.removeEventListener("keydown", handleKey);
  };
}

/** What may be pressed now, each key once. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => listed,
    () => listed,
  );
}

/** `Ctrl` or `⌘`, as the reader's keyboard has it. */
export function modifierName(): string {
  return /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl";
}

/** The text of a pressed key as shortcuts name it; empty for a modifier alone. */
export function toKeyText(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  if (event.altKey || ["Control", "Meta", "Alt", "Shift"].includes(event.key)) return "";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

interface Entry extends Shortcut {
  readonly run: () => void;
}

/** The second key of a pair comes within this time. */
const pairMs = 1_000;
const listeners = new Set<() => void>();
let entries: readonly Entry[] = [];
let listed: readonly Shortcut[] = [];
let first: { readonly key: string; readonly atMs: number } | undefined;

function change(next: readonly Entry[]): void {
  entries = next;
  listed = entries.filter((entry, index) => entries.findIndex(({ keys }) => keys === entry.keys) === index);
  for (const listener of listeners) listener();
}

function handleKey(event: KeyboardEvent): void {
  const key = toKeyText(event);
  if (key === "" || event.defaultPrevented) return;
  const isCommand = key.startsWith("mod+");
  if (!isCommand && (isTyping(event.target) || document.querySelector("dialog[open]") !== null)) return;
  const pair = first !== undefined && event.timeStamp - first.atMs < pairMs ? `${first.key} ${key}` : undefined;
  const entry = entries.find(({ keys }) => keys === pair) ?? entries.find(({ keys }) => keys === key);
  first = entry === undefined && !isCommand ? { key, atMs: event.timeStamp } : undefined;
  if (entry === undefined) return;
  event.preventDefault();
  entry.run();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}
