import { expect, it } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { FeedProgress } from "../../store/feed/feed-store.ts";
import { ProgressBoard } from "./progress-board.ts";

const startedAtMs = Date.UTC(2026, 2, 1, 6);

it("tells a report once, with its pace and a range for the end", () => {
  const board = new ProgressBoard();
  const first = report({ done: 100, atMs: startedAtMs + 10_000 });
  expect(doneOf(board, [first])).toEqual([100]);
  expect(doneOf(board, [first])).toEqual([]);
  const [taken] = board.take([report({ done: 200, atMs: startedAtMs + 20_000 })], startedAtMs + 20_000);
  expect(taken?.message).toMatchObject({ percent: 20, progress: 20, rate: 10, total: 1_000, seq: 2 });
  expect(taken?.message.eta?.p50).toBe("2026-03-01T06:01:40.000Z");
});

it("tells the last of several reports of the same millisecond", () => {
  const board = new ProgressBoard();
  expect(doneOf(board, [report({ done: 999 })])).toEqual([999]);
  expect(doneOf(board, [report({ done: 1_000 })])).toEqual([1_000]);
});

it("keeps the pace although reports come many times a second", () => {
  const board = new ProgressBoard();
  for (let ms = 0; ms < 20_000; ms += 20) {
    board.take([report({ done: ms / 100, atMs: startedAtMs + ms })], startedAtMs + ms);
  }
  const [taken] = board.take([report({ done: 200, atMs: startedAtMs + 20_000 })], startedAtMs + 20_000);
  expect(taken?.message.rate).toBeCloseTo(10, 0);
});

it("tells nothing of a run that ended, until it was started again", () => {
  const board = new ProgressBoard();
  board.end(7 as RunId, 3);
  expect(doneOf(board, [report({ seq: 2 })])).toEqual([]);
  expect(doneOf(board, [report({ seq: 3 })])).toEqual([]);
  expect(doneOf(board, [report({ seq: 5, done: 1, attemptStartedAtMs: startedAtMs + 1 })])).toEqual([1]);
});

it("measures each attempt by itself", () => {
  const board = new ProgressBoard();
  board.take([report({ done: 900, atMs: startedAtMs + 1_000 })], startedAtMs + 1_000);
  const again = { attemptStartedAtMs: startedAtMs + 60_000, seq: 4 };
  const atMs = startedAtMs + 61_000;
  const [taken] = board.take([report({ ...again, done: 10, atMs })], atMs);
  expect(taken?.message.rate).toBeCloseTo(10, 5);
});

it("says nothing of the end when nothing is known of it", () => {
  const board = new ProgressBoard();
  const [taken] = board.take([report({ done: undefined, total: undefined, operation: "listing" })], startedAtMs);
  expect(taken?.message).toMatchObject({ percent: null, rate: null, eta: null, done: null, operation: "listing" });
});

function report(more: Partial<FeedProgress>): FeedProgress {
  return {
    runId: 7 as RunId,
    rootRunId: 7 as RunId,
    job: "etl",
    seq: 2,
    startedAtMs,
    attemptStartedAtMs: startedAtMs,
    atMs: startedAtMs + 5_000,
    done: 0,
    total: 1_000,
    operation: undefined,
    ...more,
  };
}

function doneOf(board: ProgressBoard, reports: readonly FeedProgress[]): (number | null)[] {
  return board.take(reports, startedAtMs + 30_000).map(({ message }) => message.done);
}
