// Business figures of jobs with their thresholds, their history, and when jobs and datasets were late.
import { z } from "zod";
import type { JobMetric, MetricValue } from "../../api/figure.ts";
import type { LatenessTurn } from "../../api/lateness.ts";
import type { Page } from "../../api/page.ts";
import type { MetricRules } from "../../core/metric/metric-rules.ts";
import { formatRunId, parseRunId } from "../../core/run-id.ts";
import type { ExpectationTurn } from "../../store/expectations/expectation-store.ts";
import type { MetricPage, MetricPoint } from "../../store/record/metric-records.ts";
import type { CallInput, Handlers } from "../handler.ts";
import { requestInvalid } from "../request-invalid.ts";
import { requireJobName } from "../require-job.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";
import { toMetricValue } from "../views/runs/to-run-detail.ts";

const defaultLimit = 50;

export function createFigureHandlers(
  services: ServerServices,
): Handlers<"listJobMetrics" | "listMetricHistory" | "listTurns"> {
  return {
    async listJobMetrics({ params: { job_name: job } }) {
      await requireJobName(services, job);
      const rules = services.definitions().jobs.get(job)?.metrics ?? {};
      return { items: toJobMetrics(rules, await services.store.listNewestMetrics(job)) };
    },
    listMetricHistory: (input) => listMetricHistory(services, input),
    listTurns: (input) => listTurns(services, input),
  };
}

/** Those that are declared, in their order, and then the others by name. */
function toJobMetrics(rules: MetricRules, newest: readonly MetricPoint[]): readonly JobMetric[] {
  const byName = Map.groupBy(newest, ({ name }) => name);
  return [...new Set([...Object.keys(rules), ...byName.keys()])].map((name) => {
    const rule = rules[name];
    const points = byName.get(name) ?? [];
    const isBounded = rule?.min !== undefined || rule?.max !== undefined;
    return {
      name,
      unit: points[0]?.unit ?? rule?.unit ?? null,
      min: rule?.min ?? null,
      max: rule?.max ?? null,
      on_breach: isBounded ? rule.onBreach : null,
      newest: points.map(toMetricValue),
    };
  });
}

async function listMetricHistory(
  services: ServerServices,
  { params: { job_name: job, metric: name }, query: { cursor, limit = defaultLimit } }: CallInput<"listMetricHistory">,
): Promise<Page<MetricValue>> {
  await requireJobName(services, job);
  const page = { job, name, limit: limit + 1, ...(cursor === undefined ? {} : { after: parsePointCursor(cursor) }) };
  const points = await services.store.listMetricHistory(page);
  const shown = points.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toMetricValue),
    next_cursor:
      points.length <= limit || last === undefined ? null : JSON.stringify([formatRunId(last.runId), last.labels]),
  };
}

const pointCursor = z.tuple([z.string(), z.record(z.string(), z.string())]);

function parsePointCursor(cursor: string): NonNullable<MetricPage["after"]> {
  try {
    const [runId, labels] = pointCursor.parse(JSON.parse(cursor));
    return { runId: parseRunId(runId), labels };
  } catch {
    throw wrongCursor();
  }
}

async function listTurns(
  { store }: ServerServices,
  { query: { job, dataset, cursor, limit = defaultLimit } }: CallInput<"listTurns">,
): Promise<Page<LatenessTurn>> {
  const name = job ?? dataset;
  if (name === undefined || (job !== undefined && dataset !== undefined))
    throw requestInvalid({ path: "query.job", message: "expected either `job` or `dataset`" });
  if (cursor !== undefined && !/^\d{1,16}$/.test(cursor)) throw wrongCursor();
  const kind = job === undefined ? "dataset" : "job";
  const before = cursor === undefined ? {} : { beforeMs: Number(cursor) };
  const turns = await store.listTurns({ kind, name, limit: limit + 1, ...before });
  const shown = turns.slice(0, limit);
  return {
    items: shown.map(toTurn),
    next_cursor: turns.length <= limit ? null : String(shown.at(-1)?.atMs),
  };
}

function toTurn({ turn, atMs, expectedAtMs, runId }: ExpectationTurn): LatenessTurn {
  return {
    turn,
    at: toInstant(atMs),
    expected_at: toInstant(expectedAtMs),
    run_id: runId === undefined ? null : formatRunId(runId),
  };
}

function wrongCursor(): Error {
  return requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
}
