import { describe, expect, it } from "vitest";
import type { ServerMessage } from "../api/event-message.ts";
import { comparePositions, StreamCursor } from "./stream-cursor.ts";

describe("StreamCursor", () => {
  it("goes on after the newest message of its one topic", () => {
    const cursor = new StreamCursor();
    cursor.add("runs");
    expect(cursor.resumeAt("runs")).toBeUndefined();
    cursor.accept({ type: "subscribed", topic: "runs", pos: "7" });
    expect(cursor.resumeAt("runs")).toBe("7");
    cursor.accept(event("r1", 1, "9"));
    expect(cursor.resumeAt("runs")).toBe("9");
  });

  it("accepts an event once, whatever topic it came for", () => {
    const cursor = new StreamCursor();
    cursor.add("runs");
    cursor.add("run:r1");
    expect([event("r1", 1, "1"), event("r1", 1, "1"), event("r2", 1, "2"), event("r1", 2, "3")].map(accept)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    function accept(message: ServerMessage): boolean {
      return cursor.accept(message);
    }
  });

  it("believes only a position that counts for all topics when it has several", () => {
    const cursor = new StreamCursor();
    cursor.add("runs", "5");
    cursor.add("run:r1", "3");
    cursor.accept({ type: "subscribed", topic: "runs", pos: "5" });
    cursor.accept({ type: "subscribed", topic: "run:r1", pos: "3" });
    cursor.accept(event("r1", 4, "20"));
    expect([cursor.resumeAt("runs"), cursor.resumeAt("run:r1")]).toEqual(["5", "3"]);
    cursor.accept({ type: "position", pos: "20" });
    expect([cursor.resumeAt("runs"), cursor.resumeAt("run:r1")]).toEqual(["20", "20"]);
  });

  it("lets a position say nothing of a topic that the server has not confirmed", () => {
    const cursor = new StreamCursor();
    cursor.add("runs", "5");
    cursor.accept({ type: "subscribed", topic: "runs", pos: "5" });
    cursor.add("job:etl", "2");
    cursor.accept({ type: "position", pos: "20" });
    expect([cursor.resumeAt("runs"), cursor.resumeAt("job:etl")]).toEqual(["20", "2"]);
  });

  it("does not take a message under way for a given-up topic as one of the topic that is left", () => {
    const cursor = new StreamCursor();
    cursor.add("runs", "5");
    cursor.add("jobs", "5");
    cursor.remove("jobs");
    cursor.accept(event("r1", 1, "9"));
    expect(cursor.resumeAt("runs")).toBe("5");
    cursor.reconnect();
    cursor.accept(event("r1", 2, "10"));
    expect(cursor.resumeAt("runs")).toBe("10");
  });

  it("goes on from where a resync says", () => {
    const cursor = new StreamCursor();
    cursor.add("runs", "5");
    expect(cursor.accept({ type: "resync", topic: "runs", pos: "90", why: "too_old" })).toBe(true);
    expect(cursor.resumeAt("runs")).toBe("90");
    expect(cursor.accept({ type: "resync", topic: "jobs", pos: "90", why: "slow" })).toBe(false);
  });

  it("orders positions as the numbers they are", () => {
    expect(["10", "9", "0", "123456789012345678901"].toSorted(comparePositions)).toEqual([
      "0",
      "9",
      "10",
      "123456789012345678901",
    ]);
  });
});

function event(runId: string, seq: number, pos: string): ServerMessage {
  return {
    type: "job_event",
    event: "note",
    data: null,
    job_name: "etl",
    run_id: runId,
    root_run_id: runId,
    parent_run_id: null,
    seq,
    pos,
    at: "2026-03-01T06:00:00.000Z",
    state: "RUNNING",
  };
}
