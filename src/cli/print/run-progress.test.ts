import { expect, test } from "vitest";
import type { Run } from "../../api/run.ts";
import { createRunProgress } from "./run-progress.ts";
import type { Terminal } from "./terminal.ts";

function createTestTerminal(interactive: boolean): Terminal & { readonly notes: string[]; drawn: string } {
  const terminal = {
    notes: [] as string[],
    drawn: "",
    out: () => undefined,
    json: () => undefined,
    note: (line = "") => void terminal.notes.push(line),
    draw: (text: string) => void (terminal.drawn += text),
    style: (_style: string, text: string) => text,
    styleOut: (_style: string, text: string) => text,
    interactive,
    width: 80,
    height: 24,
  };
  return terminal;
}

function run(job: string, fields: Partial<Run>): Run {
  const never = { started_at: null, finished_at: null, due_at: null, duration_ms: null, late_since: null };
  const nothing = { parent_run_id: null, reason: null, window: null, progress: null, error: null, written: null };
  return {
    run_id: job,
    job_name: job,
    kind: "job",
    root_run_id: "r1",
    state: "PENDING",
    attempt: 1,
    params: {},
    tenant: "t",
    created_by: "u",
    created_at: instant(0),
    ...never,
    ...nothing,
    ...fields,
  };
}

function ended(atMs: number): Partial<Run> {
  return { started_at: instant(0), finished_at: instant(atMs), duration_ms: atMs };
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}

test("without a terminal each change is a line, and a running job reports every ten seconds", () => {
  const terminal = createTestTerminal(false);
  const progress = createRunProgress(terminal);
  const pipeline = run("pipeline", { kind: "pipeline", state: "RUNNING", started_at: instant(0) });
  const load = run("load", {
    state: "RUNNING",
    started_at: instant(0),
    progress: { done: 500, total: 1_000, operation: "reading", percent: 50, rate: null, eta: null },
  });
  progress.show(pipeline, [run("waits", { reason: "waiting_upstream" }), load], 1_000);
  progress.show(pipeline, [load], 2_000);
  progress.show(pipeline, [load], 12_000);
  progress.show(pipeline, [run("load", { state: "FINISHED", ...ended(12_500) })], 12_600);
  expect(terminal.notes).toEqual([
    "load: RUNNING  1.0 s  50 % of 1,000  reading",
    "load: RUNNING  12.0 s  50 % of 1,000  42/s  12.0 s left  reading",
    "load: FINISHED  12.5 s",
  ]);
});

test("on a terminal the lines are drawn in place with a bar, and cut to its width", () => {
  const terminal = createTestTerminal(true);
  const progress = createRunProgress(terminal);
  const pipeline = run("pipeline", { kind: "pipeline", state: "RUNNING", started_at: instant(0) });
  const failed = run("b".repeat(90), { state: "ERROR", ...ended(10) });
  progress.show(pipeline, [run("a", { state: "FINISHED", ...ended(10) }), failed, run("c", {}), run("dd", {})], 100);
  progress.finish();
  expect(terminal.drawn).toContain("✓ a ");
  expect(terminal.drawn).toContain("████████████░░░░░░░░░░░░ 50 %  2 of 4 jobs");
  // oxlint-disable-next-line no-control-regex -- the escape codes are what is taken away
  const lines = terminal.drawn.replaceAll(/\u001b\[[0-9]*[A-Z]/g, "").split(/[\n\r]/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(79);
});

test("lines that are told stay above what is drawn in place", () => {
  const terminal = createTestTerminal(true);
  const written: string[] = [];
  const progress = createRunProgress({
    ...terminal,
    draw: (text) => void written.push(text),
    note: (line = "") => void written.push(`note ${line}`),
  });
  progress.show(run("pipeline", { kind: "pipeline" }), [run("a", {})], 100);
  progress.tell([]);
  progress.tell(["a: waits"]);
  expect(written).toHaveLength(4);
  expect(written.slice(1, 3)).toEqual(["\u001b[1A\r\u001b[J", "note a: waits"]);
  expect(written[3]).toBe(written[0]);
});

test("of more jobs than lines those at work and those that ended last are drawn", () => {
  const terminal = createTestTerminal(true);
  const progress = createRunProgress({ ...terminal, draw: (text) => void terminal.notes.push(text), height: 6 });
  const jobs = Array.from({ length: 50 }, (_, index) =>
    run(
      `j${index}`,
      index === 40 ? { state: "RUNNING", started_at: instant(0) } : { state: "FINISHED", ...ended(index) },
    ),
  );
  progress.show(run("pipeline", { kind: "pipeline", state: "RUNNING", started_at: instant(0) }), jobs, 100);
  const drawn = terminal.notes.join("");
  expect(drawn.split("\n")).toHaveLength(4);
  expect(["j40", "j48", "j49"].every((name) => drawn.includes(name))).toBe(true);
});
