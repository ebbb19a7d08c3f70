// The log of a run as the screen follows it: a window that grows where somebody reads, and the newest lines while it runs. A log
// that is faster than the screen is followed at its end; what was left out can be read back.
import { useCallback, useEffect, useEffectEvent, useReducer, useRef } from "react";
import type { LogPage, LogsQuery } from "../../../api/run.ts";
import { call } from "../../queries/api-client.ts";
import { appendPage, emptyLogWindow, openLogWindow, prependPage, type LogWindow } from "./log-window.ts";

export interface LogFilter {
  readonly q: string | undefined;
  readonly level: LogsQuery["level"] | undefined;
  /** Cursor of a line to open around. */
  readonly line: string | undefined;
}

export interface LogState {
  readonly window: LogWindow;
  readonly isPending: boolean;
  readonly error: unknown;
  /** Lines are added as they are written, and the view stays at the end. */
  readonly isFollowing: boolean;
  /** The log was faster than the screen: lines before the window were left out. */
  readonly hasSkipped: boolean;
}

export interface Log extends LogState {
  readonly loadBefore: () => void;
  readonly loadAfter: () => void;
  readonly setFollowing: (isFollowing: boolean) => void;
  readonly retry: () => void;
}

const pageLines = 500;
const tailMs = 1_000;
/** Pages taken at once before the log counts as faster than the screen, and pages looked through for one match. */
const maxPages = 4;

/** @param isLive whether lines may still come @param fromEnd where to open without a line */
export function useLog(runId: string, filter: LogFilter, isLive: boolean, fromEnd: boolean): Log {
  const [state, change] = useReducer(reduce, startState);
  const { q, level, line } = filter;
  const fetchPage = useCallback(
    (position: LogsQuery, signal: AbortSignal) => {
      const query = {
        ...(q === undefined ? {} : { q }),
        ...(level === undefined ? {} : { level }),
        limit: pageLines,
        ...position,
      };
      return call("listRunLogs", { params: { run_id: runId }, query, signal });
    },
    [runId, q, level],
  );
  const { ask, cancel } = useOneQuestion(change);
  const open = useEffectEvent(() => {
    change({ ...startState, isFollowing: isLive && line === undefined });
    void ask(async (signal) => ({ window: await openAt(fetchPage, line, fromEnd && q === undefined, signal) }));
  });
  useEffect(() => {
    open();
    return cancel;
  }, [fetchPage, line, cancel]);

  const { window, isFollowing } = state;
  const tail = (): void => void ask((signal) => readOn(fetchPage, window, signal));
  useTail(isFollowing, isLive, tail, () => change({ isFollowing: false }));
  return {
    ...state,
    loadBefore: () => {
      if (window.hasBefore) void ask(async (signal) => ({ window: await readBack(fetchPage, window, signal) }));
    },
    loadAfter: () => {
      if (window.hasAfter) void ask(async (signal) => ({ window: await readForth(fetchPage, window, signal) }));
    },
    setFollowing: (next) => {
      change({ isFollowing: next });
      if (next) tail();
    },
    retry: () => open(),
  };
}

interface Questions {
  readonly ask: (work: (signal: AbortSignal) => Promise<Partial<LogState>>) => Promise<void>;
  readonly cancel: () => void;
}

// One question at a time: what comes meanwhile is asked again by whoever still wants it.
function useOneQuestion(change: (part: Partial<LogState>) => void): Questions {
  const busy = useRef<AbortController | undefined>(undefined);
  const ask = useCallback<Questions["ask"]>(
    async (work) => {
      if (busy.current !== undefined) return;
      const controller = new AbortController();
      busy.current = controller;
      try {
        const part = await work(controller.signal);
        if (!controller.signal.aborted) change({ ...part, isPending: false, error: undefined });
      } catch (error) {
        if (!controller.signal.aborted) change({ isPending: false, error });
      } finally {
        if (busy.current === controller) busy.current = undefined;
      }
    },
    [change],
  );
  const cancel = useCallback(() => {
    busy.current?.abort();
    busy.current = undefined;
  }, []);
  return { ask, cancel };
}

function useTail(isFollowing: boolean, isLive: boolean, read: () => void, end: () => void): void {
  const readNow = useEffectEvent(read);
  const endNow = useEffectEvent(end);
  useEffect(() => {
    if (!isFollowing) return;
    const timer = setInterval(() => {
      if (document.visibilityState !== "visible") return;
      readNow();
    }, tailMs);
    return () => clearInterval(timer);
  }, [isFollowing]);
  // The last lines are often written after the state that ends the run was seen.
  useEffect(() => {
    if (isLive || !isFollowing) return;
    const timer = setTimeout(() => {
      readNow();
      endNow();
    }, 2 * tailMs);
    return () => clearTimeout(timer);
  }, [isLive, isFollowing]);
}

type FetchPage = (position: LogsQuery, signal: AbortSignal) => Promise<LogPage>;

const startState: LogState = {
  window: emptyLogWindow,
  isPending: true,
  error: undefined,
  isFollowing: false,
  hasSkipped: false,
};

function reduce(state: LogState, change: Partial<LogState>): LogState {
  return { ...state, ...change };
}

async function openAt(
  fetchPage: FetchPage,
  line: string | undefined,
  fromEnd: boolean,
  signal: AbortSignal,
): Promise<LogWindow> {
  if (line === undefined) return openLogWindow(await fetchPage(fromEnd ? { tail: true } : {}, signal));
  const before = await fetchPage({ before: line }, signal);
  const end = before.after_cursor;
  const after = await fetchPage(end === null || before.items.length === 0 ? {} : { after: end }, signal);
  return appendPage(openLogWindow(before), after);
}

// The newest lines; those between are left out when there are more than the screen takes.
async function readOn(fetchPage: FetchPage, window: LogWindow, signal: AbortSignal): Promise<Partial<LogState>> {
  if (window.afterCursor === null) return { window: openLogWindow(await fetchPage({ tail: true }, signal)) };
  let next = window;
  for (let pages = 0; pages < maxPages && next.afterCursor !== null; pages++) {
    const page = await fetchPage({ after: next.afterCursor, limit: 1_000 }, signal);
    if (page.items.length > 0 || page.after_cursor !== next.afterCursor) next = appendPage(next, page);
    if (!page.has_after) return next === window ? {} : { window: next };
  }
  return { window: openLogWindow(await fetchPage({ tail: true, limit: 1_000 }, signal)), hasSkipped: true };
}

async function readBack(fetchPage: FetchPage, window: LogWindow, signal: AbortSignal): Promise<LogWindow> {
  let next = window;
  for (let pages = 0; pages < maxPages && next.hasBefore && next.beforeCursor !== null; pages++) {
    const page = await fetchPage({ before: next.beforeCursor }, signal);
    next = prependPage(next, page);
    if (page.items.length > 0) break;
  }
  return next;
}

async function readForth(fetchPage: FetchPage, window: LogWindow, signal: AbortSignal): Promise<LogWindow> {
  let next = window;
  for (let pages = 0; pages < maxPages && next.hasAfter && next.afterCursor !== null; pages++) {
    const page = await fetchPage({ after: next.afterCursor }, signal);
    next = appendPage(next, page);
    if (page.items.length > 0) break;
  }
  return next;
}
