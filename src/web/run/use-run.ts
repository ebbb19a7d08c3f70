// A run live on the screen: answers of the server patched by its messages, for as long as somebody looks.
import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { ServerMessage } from "../../api/event-message.ts";
import type { RunDetail } from "../../api/run.ts";
import { call } from "../queries/api-client.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import { useLiveState, useTopic } from "../queries/live.ts";
import { useApi } from "../queries/use-api.ts";
import type { LiveRun, RunModel } from "./run-model.ts";
import { RunStore } from "./run-store.ts";

/** What the parts of the run page share. */
export interface RunLive {
  readonly runId: string;
  readonly detail: RunDetail;
  readonly store: RunStore;
}

export interface RunQuery {
  readonly store: RunStore;
  readonly query: UseQueryResult<RunDetail, MillraceError>;
}

/** A person need not see more often that counts of a whole pipeline changed. */
const refreshMs = 1_000;
const pictureMs = 400;
/** Without messages, the state is asked for so often. */
const pollMs = 5_000;

const RunContext = createContext<RunLive | undefined>(undefined);

/** Around the parts of the run page. */
export const RunProvider: typeof RunContext = RunContext;

/** Below `RunProvider`. */
export function useRunLive(): RunLive {
  const live = useContext(RunContext);
  if (live === undefined) throw new Error("expected a run page around this part of it");
  return live;
}

/** Loads a run and follows it and the runs in it. What messages do not tell (results, checks, units) is asked for after them. */
export function useRunQuery(runId: string): RunQuery {
  const store = useMemo(() => new RunStore(runId), [runId]);
  const client = useQueryClient();
  const isLive = useLiveState().name === "open";
  const query = useApi("showRun", { params: { run_id: runId } }, { refetchMs: isLive ? 30_000 : pollMs });
  const refresh = useThrottled(
    useCallback(() => void client.invalidateQueries({ predicate: isAbout(runId) }), [client, runId]),
    refreshMs,
  );
  useTopic(`run:${runId}`, (messages) => {
    store.push(messages);
    if (messages.some(isNews)) refresh();
  });
  useEffect(() => {
    if (query.data !== undefined) store.loadDetail(query.data);
  }, [store, query.data]);
  return { store, query };
}

/** One run as it is now; undefined while nothing is known of it. */
export function useLiveRun(store: RunStore, id: string): LiveRun | undefined {
  const subscribe = useCallback((listener: () => void) => store.subscribeRun(id, listener), [store, id]);
  return useSyncExternalStore(subscribe, () => store.readRun(id));
}

/** All runs of the page, a few times a second: a picture of 2,000 runs need not be drawn with every frame. */
export function useRunModel(store: RunStore): RunModel {
  const subscribe = useCallback((listener: () => void) => subscribeSlowly(store, listener), [store]);
  return useSyncExternalStore(subscribe, store.readModel);
}

export interface GraphLoad {
  readonly isPending: boolean;
  readonly error: unknown;
  readonly isTruncated: boolean;
  readonly retry: () => void;
}

/** Loads the graph into the store while a view of it is mounted, and again when runs appeared that it does not have. */
export function useRunGraph({ runId, store }: RunLive): GraphLoad {
  const [state, setState] = useState<Omit<GraphLoad, "retry">>({
    isPending: true,
    error: undefined,
    isTruncated: false,
  });
  const hasStrangers = useSyncExternalStore(store.subscribe, () => store.readModel().hasStrangers);
  const resumed = useLiveState().resumed;
  const load = useCallback(() => {
    store
      .load(() => call("showGraph", { params: { run_id: runId } }))
      .then(({ truncated }) => setState({ isPending: false, error: undefined, isTruncated: truncated }))
      .catch((error: unknown) => setState((before) => ({ ...before, isPending: false, error })));
  }, [store, runId]);
  const reload = useThrottled(load, 2 * refreshMs);
  useEffect(() => {
    load();
  }, [load, resumed]);
  useEffect(() => {
    if (hasStrangers) reload();
  }, [hasStrangers, reload]);
  return { ...state, retry: load };
}

/** Runs at once, and then at most once in a while; the last call is never left out. */
export function useThrottled(run: () => void, everyMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isWanted = useRef(false);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [run],
  );
  return useCallback(() => {
    if (timer.current !== undefined) {
      isWanted.current = true;
      return;
    }
    const fire = (): void => {
      isWanted.current = false;
      run();
      timer.current = setTimeout(() => {
        timer.current = undefined;
        if (isWanted.current) fire();
      }, everyMs);
    };
    fire();
  }, [run, everyMs]);
}

function subscribeSlowly(store: RunStore, listener: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;
  const tell = (): void => {
    isStale = false;
    listener();
    timer = setTimeout(() => {
      timer = undefined;
      if (isStale) tell();
    }, pictureMs);
  };
  const stop = store.subscribe(() => {
    if (timer === undefined) tell();
    else isStale = true;
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

// Any event changes counts, actions or history; progress comes with its message in whole.
function isNews(message: ServerMessage): boolean {
  return message.type === "resync" || ("run_id" in message && message.type !== "job_progress");
}

function isAbout(runId: string): (query: { readonly queryKey: readonly unknown[] }) => boolean {
  return ({ queryKey }) => {
    const input = queryKey[1];
    if (typeof input !== "object" || input === null || !("params" in input)) return false;
    const { params } = input;
    return typeof params === "object" && params !== null && "run_id" in params && params.run_id === runId;
  };
}
