// What people are told when a job or a dataset has not come in time, and when it has come after all.
import type { NewNotice } from "../../core/notification/notice.ts";
import type { NoticeRouter } from "../../core/notification/notice-router.ts";
import { usualSeverity } from "../../core/notification/notification-event.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { Verdict } from "../../store/expectations/expectation-store.ts";

/** Who is told, and of whom. */
export interface ExpectationAudience {
  readonly router: () => Pick<NoticeRouter, "routesFor">;
  /** The job that publishes a dataset; one of others stands for itself. */
  readonly producers: ReadonlyMap<string, string>;
}

/** What is told if the verdict turns what was before. */
export function noticesOfVerdict(
  { router, producers }: ExpectationAudience,
  { kind, name, state, expectedAtMs, runId }: Omit<Verdict, "notices">,
): readonly NewNotice[] {
  const job = kind === "job" ? name : (producers.get(name) ?? name);
  const event = kind === "job" ? "late" : "stale";
  const key = `${event}:${name}`;
  const routes = router();
  const run = runId === undefined ? {} : { run: formatRunId(runId) };
  const since = new Date(expectedAtMs).toISOString();
  if (state === "met") {
    const message = kind === "job" ? `\`${name}\` is in time again` : `dataset \`${name}\` is fresh again`;
    const ends = { ends: [event] as const, endsKeys: [key] };
    const told = { event: "recovered", severity: usualSeverity.recovered, key: `recovered:${key}`, message } as const;
    return [{ ...told, ...ends, job, ...run, routes: routes.routesFor(job, "recovered") }];
  }
  const message =
    kind === "job"
      ? `\`${name}\` is late: what was due at ${since} has not finished in time`
      : `dataset \`${name}\` is stale: the newest there is of it is of ${since}`;
  const hint = `\`millrace why ${job}\` tells more`;
  const toTell = routes.routesFor(job, event);
  return toTell.length === 0
    ? []
    : [{ event, job, severity: usualSeverity[event], key, message, hint, ...run, routes: toTell }];
}
