// The log of a run and the runs in it: searched by the server, followed while it runs, linked by line, downloaded in whole.
import { useState, type ReactElement } from "react";
import { isTerminal } from "../../../core/job/run-state.ts";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../../components/tables/filter-bar.tsx";
import { formatCount } from "../../components/values/format-quantity.ts";
import { Icon } from "../../components/values/icon.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { toFailureToast, useToast } from "../../components/actions/toast.tsx";
import { call } from "../../queries/api-client.ts";
import { toPath } from "../../../client/api-client.ts";
import { LogList } from "../logs/log-list.tsx";
import { useLog, type Log, type LogFilter } from "../logs/use-log.ts";
import { useLiveRun, useRunLive } from "../use-run.ts";
import { useRunSearch } from "../use-run-search.ts";
import { Toggle } from "../../components/actions/toggle.tsx";

const levels = [
  { value: "error", label: "Errors" },
  { value: "warn", label: "Warnings and up" },
  { value: "info", label: "Info and up" },
] as const;

export function LogsTab(): ReactElement {
  const { runId, detail, store } = useRunLive();
  const {
    search: { q, level, line },
    change,
  } = useRunSearch();
  const state = useLiveRun(store, runId)?.state ?? detail.state;
  const isLive = !isTerminal(state);
  const log = useLog(runId, { q, level, line }, isLive, state !== "FINISHED");
  const [hasTime, setTime] = useState(true);
  const [isWrapped, setWrapped] = useState(true);
  const search = (part: Partial<LogFilter>): void => change({ line: undefined, ...part });
  const isFiltered = q !== undefined || level !== undefined;
  return (
    <div className="logs">
      <FilterBar
        label="Search the log"
        isFiltered={isFiltered}
        onClear={() => search({ q: undefined, level: undefined })}
      >
        <TextFilter
          label="Search the log"
          value={q ?? ""}
          isMain
          onChange={(text) => search({ q: text === "" ? undefined : text })}
        />
        <ChoiceFilter
          label="Level"
          value={level === "debug" ? "" : (level ?? "")}
          anyLabel="All levels"
          options={levels}
          onChange={(value) => search({ level: value })}
        />
        <span className="button-group">
          {isLive ? <FollowButton log={log} onTail={() => search({})} hasLine={line !== undefined} /> : null}
          <Toggle icon="clock" text="Time" isOn={hasTime} onChange={setTime} />
          <Toggle icon="menu" text="Wrap" isOn={isWrapped} onChange={setWrapped} />
          <FirstErrorButton
            runId={runId}
            onFound={(cursor) => search({ q: undefined, level: undefined, line: cursor })}
          />
          <DownloadLink runId={runId} q={q} level={level} />
        </span>
      </FilterBar>
      <Lines
        log={log}
        filter={{ q, level, line }}
        isLive={isLive}
        hasTime={hasTime}
        isWrapped={isWrapped}
        onPick={(cursor) => search({ q: undefined, level: undefined, line: cursor })}
      />
    </div>
  );
}

function DownloadLink({ runId, q, level }: Omit<LogFilter, "line"> & { readonly runId: string }): ReactElement {
  const path = toPath("downloadRunLogs", { run_id: runId }, { q, level });
  return (
    <a className="button" href={path} download={`${runId}.log.txt`}>
      <Icon name="download" /> Download
    </a>
  );
}

interface LinesProps {
  readonly log: Log;
  readonly filter: LogFilter;
  readonly isLive: boolean;
  readonly hasTime: boolean;
  readonly isWrapped: boolean;
  readonly onPick: (cursor: string) => void;
}

function Lines({ log, filter, isLive, hasTime, isWrapped, onPick }: LinesProps): ReactElement {
  const { runId, detail } = useRunLive();
  const { lines, hasBefore, hasAfter } = log.window;
  if (log.error !== undefined) return <ErrorState error={log.error} retry={log.retry} />;
  if (log.isPending) return <Skeleton lines={10} label="Loading the log" />;
  if (lines.length === 0) {
    return filter.q !== undefined || filter.level !== undefined ? (
      <EmptyState icon="filter" title={hasAfter ? "No match so far" : "No line matches"}>
        {hasAfter ? (
          <button type="button" className="button" onClick={log.loadAfter}>
            Search on
          </button>
        ) : (
          "Search for less, or take the level away."
        )}
      </EmptyState>
    ) : (
      <EmptyState
        icon="runs"
        title={isLive ? "No line yet" : "It logged nothing"}
        commands={[`millrace logs ${runId} -f`]}
      >
        What a job writes with <code>ctx.log</code> appears here as it happens.
      </EmptyState>
    );
  }
  return (
    <>
      <LogList
        label={`Log of ${detail.job_name}`}
        log={log}
        search={filter.q ?? ""}
        target={filter.line}
        hasTime={hasTime}
        hasJob={detail.kind === "pipeline"}
        isWrapped={isWrapped}
        canFollow={isLive}
        onPick={({ cursor }) => onPick(cursor)}
      />
      <p className="log-foot muted number" role="status">
        {formatCount(lines.length)} {filter.q === undefined ? "lines" : "matching lines"} here
        {hasBefore ? " · more before" : ""}
        {hasAfter ? " · more after" : ""}
        {log.hasSkipped
          ? " · the log is faster than the screen: some lines were left out, scroll back to read them"
          : ""}
      </p>
    </>
  );
}

interface FollowButtonProps {
  readonly log: Log;
  readonly hasLine: boolean;
  /** Goes from a linked line to the end. */
  readonly onTail: () => void;
}

function FollowButton({ log, hasLine, onTail }: FollowButtonProps): ReactElement {
  const toggle = (): void => {
    if (hasLine) onTail();
    else log.setFollowing(!log.isFollowing);
  };
  return (
    <button type="button" className="button" aria-pressed={log.isFollowing} onClick={toggle}>
      <Icon name={log.isFollowing ? "pause" : "play"} /> {log.isFollowing ? "Pause" : "Follow"}
    </button>
  );
}

interface FirstErrorButtonProps {
  readonly runId: string;
  readonly onFound: (cursor: string) => void;
}

function FirstErrorButton({ runId, onFound }: FirstErrorButtonProps): ReactElement {
  const toast = useToast();
  const find = async (): Promise<void> => {
    try {
      const page = await call("listRunLogs", { params: { run_id: runId }, query: { level: "error", limit: 1 } });
      const first = page.items[0];
      if (first === undefined) toast({ tone: "good", text: "no line of level error" });
      else onFound(first.cursor);
    } catch (error) {
      toast(toFailureToast(error));
    }
  };
  return (
    <button type="button" className="button" onClick={() => void find()}>
      <Icon name="cross" /> First error
    </button>
  );
}
