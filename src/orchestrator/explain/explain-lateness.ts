// Why a job is late, in words, for `why`.
import { describeSla } from "../../core/schedule/sla.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { ExpectationRecord } from "../../store/expectations/expectation-store.ts";
import type { Store } from "../../store/store.ts";
import { parseSla } from "../expectations/expectation-rules.ts";
import { at } from "./tell-time.ts";

/** One line while the job is late; none otherwise. */
export async function explainLateness(
  store: Pick<Store, "findExpectations" | "findRun" | "readClockMs">,
  job: string,
): Promise<readonly string[]> {
  const [record] = await store.findExpectations("job", [job]);
  const sla = record === undefined ? undefined : parseSla(record.rule);
  if (record === undefined || record.state === "met" || record.sinceMs === undefined || sla === undefined) return [];
  const nowMs = await store.readClockMs();
  const what = sla.timing === null ? "the run that was started" : "the run that was due";
  const expected = `expected ${what} at ${at(record.expectedAtMs, nowMs)} to be ${describeSla(sla)}`;
  return [`it is late since ${at(record.sinceMs, nowMs)}: ${expected}, and ${await tellRun(store, record)}`];
}

async function tellRun(store: Pick<Store, "findRun">, { runId }: ExpectationRecord): Promise<string> {
  const run = runId === undefined ? undefined : await store.findRun(runId);
  if (run === undefined) return "no run of it has finished since";
  const told = `run ${formatRunId(run.id)}`;
  if (run.state === "ERROR") return `${told} failed`;
  if (run.startedAtMs === undefined) return `${told} has not started`;
  return run.state === "FINISHED" ? `${told} has just finished` : `${told} has not finished: ${run.state}`;
}
