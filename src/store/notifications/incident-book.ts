// Keeps trouble that lasts: opens it, counts how often it came, remembers who was told, and closes it. It is read and locked once for
// all jobs of a transaction, changed in memory, and written once.
import type { NewNotice } from "../../core/notification/notice.ts";
import type { NotificationEvent } from "../../core/notification/notification-event.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";

export interface Incident {
  readonly job: string;
  readonly key: string;
  readonly event: NotificationEvent;
  readonly openedAtMs: number;
  lastAtMs: number;
  times: number;
  /** By channel. */
  readonly told: Map<string, Told>;
}

export interface Told {
  readonly atMs: number;
  readonly times: number;
  readonly isPaging: boolean;
}

/** The trouble of some jobs. */
export class IncidentBook {
  readonly #incidents: Map<string, Incident>;
  readonly #touched = new Set<Incident>();
  readonly #closed = new Set<Incident>();

  constructor(incidents: readonly Incident[]) {
    this.#incidents = new Map(incidents.map((incident) => [nameOf(incident), incident]));
  }

  /** Counts one more; what was not there is opened. */
  open({ job, key, event }: NewNotice, nowMs: number): Incident {
    const found = this.#incidents.get(nameOf({ job, key }));
    const incident = found ?? { job, key, event, openedAtMs: nowMs, lastAtMs: nowMs, times: 0, told: new Map() };
    incident.times += 1;
    incident.lastAtMs = nowMs;
    this.#incidents.set(nameOf(incident), incident);
    this.#touched.add(incident);
    return incident;
  }

  /** How often a job was in trouble of that kind since all was well. */
  timesInARow(job: string, event: NotificationEvent): number {
    return this.#of(job)
      .filter((incident) => incident.event === event)
      .reduce((sum, { times }) => sum + times, 0);
  }

  /** Closes trouble of a job, but for what came in the same transaction. @returns what was open */
  close({ job, ends = [], endsKeys }: NewNotice): readonly Incident[] {
    const over = this.#of(job).filter(
      (incident) =>
        ends.includes(incident.event) &&
        !this.#touched.has(incident) &&
        (endsKeys === undefined || endsKeys.includes(incident.key)),
    );
    for (const incident of over) {
      this.#incidents.delete(nameOf(incident));
      this.#closed.add(incident);
    }
    return over;
  }

  /** Writes what changed. */
  *save(): Script<void> {
    if (this.#closed.size > 0) {
      yield* run(
        `delete from incident where (job, key) in (select r.value ->> 'job', r.value ->> 'key' from (rows ?) r)`,
        rowList([...this.#closed].map(({ job, key }) => ({ job, key }))),
      );
    }
    if (this.#touched.size === 0) return;
    yield* run(
      `update incident set last_at = cast(r.value ->> 'last' as bigint), times = cast(r.value ->> 'times' as int),
        told = r.value ->> 'told' from (rows ?) r
      where incident.job = r.value ->> 'job' and incident.key = r.value ->> 'key'`,
      rowList(
        [...this.#touched].map(({ job, key, lastAtMs, times, told }) => {
          return { job, key, last: lastAtMs, times, told: JSON.stringify(Object.fromEntries(told)) };
        }),
      ),
    );
  }

  #of(job: string): readonly Incident[] {
    return [...this.#incidents.values()].filter((incident) => incident.job === job);
  }
}

/**
 * The book of the jobs that notices are about. Rows are there before they are locked, in one order, so that two transactions which
 * open the same trouble do not both find none and wait for each other in one direction.
 */
export function* lockIncidents(
  notices: readonly NewNotice[],
  opening: readonly NewNotice[],
  nowMs: number,
): Script<IncidentBook> {
  if (opening.length > 0) {
    const rows = opening.map(({ job, key, event }) => ({ job, key, event }));
    yield* run(
      `insert into incident (job, key, event, opened_at, last_at, times, told)
      select r.value ->> 'job', r.value ->> 'key', r.value ->> 'event', cast(? as bigint), cast(? as bigint), 0, '{}'
      from (rows ?) r where true order by 1, 2 on conflict (job, key) do nothing`,
      nowMs,
      nowMs,
      rowList(rows),
    );
  }
  const jobs = [...new Set(notices.map(({ job }) => job))];
  const found = yield* all<IncidentRow>(
    `select job, key, event, opened_at as "openedAtMs", last_at as "lastAtMs", times, told from incident
    where job in (select r.value ->> 'job' from (rows ?) r) order by job, key for update`,
    rowList(jobs.map((job) => ({ job }))),
  );
  return new IncidentBook(
    found.map(({ told, ...incident }) => ({
      ...incident,
      told: new Map(Object.entries(JSON.parse(told) as ToldByChannel)),
    })),
  );
}

/** Which of these jobs are in trouble, without a lock. */
export function* listTroubled(jobs: readonly string[]): Script<ReadonlySet<string>> {
  const rows = yield* all<{ job: string }>(
    "select distinct job from incident where job in (select r.value ->> 'job' from (rows ?) r)",
    rowList(jobs.map((job) => ({ job }))),
  );
  return new Set(rows.map(({ job }) => job));
}

type ToldByChannel = Readonly<Record<string, Told>>;

interface IncidentRow extends Omit<Incident, "told"> {
  readonly told: string;
}

function nameOf({ job, key }: Pick<Incident, "job" | "key">): string {
  return `${job} ${key}`;
}
