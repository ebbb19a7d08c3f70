// The part of a log that the screen holds: it grows at either end by pages and lets go at the other, so that memory stays
// bounded whatever the log's length and speed.
import type { LogLine, LogPage } from "../../../api/run.ts";

export interface LogWindow {
  readonly lines: readonly LogLine[];
  /** How many lines came to the front, less those let go there: what was line `i` is line `i + moved` after a change. */
  readonly shift: number;
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  readonly beforeCursor: string | null;
  readonly afterCursor: string | null;
}

export interface TextPart {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Lines held at most. */
export const maxWindowLines = 10_000;

export const emptyLogWindow: LogWindow = {
  lines: [],
  shift: 0,
  hasBefore: false,
  hasAfter: false,
  beforeCursor: null,
  afterCursor: null,
};

/** A window of one page alone. */
export function openLogWindow(page: LogPage): LogWindow {
  return {
    lines: page.items,
    shift: 0,
    hasBefore: page.has_before,
    hasAfter: page.has_after,
    beforeCursor: page.before_cursor,
    afterCursor: page.after_cursor,
  };
}

/** Adds the page that follows the window. Lines are let go at its begin. */
export function appendPage(window: LogWindow, page: LogPage, maxLines: number = maxWindowLines): LogWindow {
  const lines = [...window.lines, ...page.items];
  const grown = { ...window, lines, hasAfter: page.has_after, afterCursor: page.after_cursor ?? window.afterCursor };
  if (lines.length <= maxLines) return { ...grown, beforeCursor: window.beforeCursor ?? page.before_cursor };
  const kept = lines.slice(-maxLines);
  return {
    ...grown,
    lines: kept,
    shift: window.shift - (lines.length - kept.length),
    hasBefore: true,
    beforeCursor: kept[0]?.cursor ?? null,
  };
}

/** Adds the page before the window. Lines are let go at its end. */
export function prependPage(window: LogWindow, page: LogPage, maxLines: number = maxWindowLines): LogWindow {
  const lines = [...page.items, ...window.lines];
  const grown = {
    ...window,
    lines,
    shift: window.shift + page.items.length,
    hasBefore: page.has_before,
    beforeCursor: page.before_cursor ?? window.beforeCursor,
  };
  if (lines.length <= maxLines) return { ...grown, afterCursor: window.afterCursor ?? page.after_cursor };
  const kept = lines.slice(0, maxLines);
  return { ...grown, lines: kept, hasAfter: true, afterCursor: kept.at(-1)?.cursor ?? null };
}

/** A text cut at the places where the search finds it, without regard to case. Joined, the parts are the text. */
export function markMatches(text: string, search: string): TextPart[] {
  const wanted = search.toLowerCase();
  const folded = text.toLowerCase();
  // Letters that grow in lower case would move what follows: such a text is shown without marks.
  if (wanted === "" || folded.length !== text.length) return [{ text, isMatch: false }];
  const parts: TextPart[] = [];
  let from = 0;
  for (let at = folded.indexOf(wanted); at !== -1; at = folded.indexOf(wanted, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), isMatch: false });
    from = at + wanted.length;
    parts.push({ text: text.slice(at, from), isMatch: true });
  }
  if (from < text.length) parts.push({ text: text.slice(from), isMatch: false });
  return parts;
}
