// Compares two runs: their params and code, how their jobs went, what they wrote, how they failed.
import type { Comparison } from "../../api/run.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunState } from "../../core/job/run-state.ts";
import type { RunFindings } from "../../store/record/run-findings.ts";
import type { Json, RunSummary } from "../../store/rows/run-records.ts";
import { findDifferences } from "../views/find-differences.ts";
import type { Handlers } from "../handler.ts";
import { requireRun } from "../require-run.ts";
import { toRuns } from "../views/run-page.ts";
import type { ServerServices } from "../server-services.ts";
import { durationOf, toRunError } from "../views/runs/to-run.ts";
import { listOutputs } from "../views/runs/to-run-detail.ts";

const maxMembers = 2_000;
const maxDatasets = 100;

export function createCompareHandlers(services: ServerServices): Handlers<"compareRuns"> {
  return {
    compareRuns: async ({ params }) => await compare(services, params.run_id, params.other_run_id),
  };
}

type Both<Value> = readonly [Value, Value];

async function compare(services: ServerServices, first: string, second: string): Promise<Comparison> {
  const { store } = services;
  const runs: Both<RunSummary> = [await requireRun(store, first), await requireRun(store, second)];
  if (runs[0].id === runs[1].id) {
    throw new MillraceError("VALUE_INVALID", `expected two different runs to compare, got: \`${first}\` twice`);
  }
  const findings = await both(runs, ({ id }) => store.readRunFindings(id));
  const members = await both(runs, async (run) => await listMembers(services, run));
  const [a, b] = await toRuns(services, runs);
  if (a === undefined || b === undefined) throw new RangeError("a run was lost on its way to the wire");
  return {
    runs: [a, b],
    params: findDifferences(runs[0].params, runs[1].params),
    code_changed: compareCode(findings),
    jobs: compareJobs(members),
    datasets: await compareDatasets(services, findings),
    errors: [toErrorOf(runs[0]), toErrorOf(runs[1])],
  };
}

async function both<Value, Result>(
  [first, second]: Both<Value>,
  map: (value: Value) => Promise<Result>,
): Promise<Both<Result>> {
  return await Promise.all([map(first), map(second)]);
}

/** By job; of several runs of a job the last. A job's run is its own only member. */
async function listMembers({ store }: ServerServices, run: RunSummary): Promise<ReadonlyMap<string, RunSummary>> {
  if (run.kind === "job") return new Map([[run.job, run]]);
  const { runs } = await store.readRunGraph(run.id, maxMembers);
  return new Map(runs.filter(({ id }) => id !== run.id).map((member) => [member.job, member]));
}

// Compares the jobs that ran in both; null when no attempt says what code it ran.
function compareCode([first, second]: Both<RunFindings>): boolean | null {
  const shared = [...first.codes].filter(([job]) => second.codes.has(job));
  return shared.length === 0 ? null : shared.some(([job, code]) => second.codes.get(job) !== code);
}

function compareJobs([first, second]: Both<ReadonlyMap<string, RunSummary>>): Comparison["jobs"] {
  return [...new Set([...first.keys(), ...second.keys()])].map((job) => {
    const [a, b] = [first.get(job), second.get(job)];
    return {
      job_name: job,
      states: [stateOf(a), stateOf(b)],
      durations_ms: [durationOrNull(a), durationOrNull(b)],
      attempts: [a?.attempt ?? null, b?.attempt ?? null],
      rows: [rowsOf(a?.result), rowsOf(b?.result)],
    };
  });
}

function stateOf(run: RunSummary | undefined): RunState | null {
  return run?.state ?? null;
}

function durationOrNull(run: RunSummary | undefined): number | null {
  return run === undefined ? null : (durationOf(run) ?? null);
}

// A result states its count of rows as `rows` or as `records`.
function rowsOf(result: Json | undefined): number | null {
  if (typeof result !== "object" || result === null) return null;
  const stated = new Map(Object.entries(result));
  const rows = stated.get("rows") ?? stated.get("records");
  return typeof rows === "number" ? rows : null;
}

async function compareDatasets(
  { store, project: { root } }: ServerServices,
  findings: Both<RunFindings>,
): Promise<Comparison["datasets"]> {
  const [first, second] = findings.map((found) => new Map(listOutputs(found, root).map((use) => [use.dataset, use])));
  const names = [...new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])])].slice(0, maxDatasets);
  return await Promise.all(
    names.map(async (dataset) => {
      const uses = [first?.get(dataset), second?.get(dataset)] as const;
      const [before, after] = await both(uses, async (use) => {
        const found =
          use?.version === undefined || use.version === null
            ? undefined
            : await store.findDataset(dataset, use.version);
        return found?.schema.map(({ name }) => name);
      });
      return {
        dataset,
        versions: [uses[0]?.version ?? null, uses[1]?.version ?? null] as const,
        row_counts: [uses[0]?.row_count ?? null, uses[1]?.row_count ?? null] as const,
        columns_added: missingFrom(before, after),
        columns_removed: missingFrom(after, before),
      };
    }),
  );
}

// When the columns of one side are not known, no column counts as added or removed.
function missingFrom(columns: readonly string[] | undefined, others: readonly string[] | undefined): readonly string[] {
  return columns === undefined || others === undefined ? [] : others.filter((name) => !columns.includes(name));
}

function toErrorOf({ error }: RunSummary): Comparison["errors"][number] {
  return error === undefined ? null : toRunError(error);
}
