import { describe, expect, it } from "vitest";
import { listAllowedActions } from "./allowed-actions.ts";

describe("listAllowedActions", () => {
  it("reads the table of transitions", () => {
    expect(listAllowedActions("PENDING")).toEqual(["start", "stop", "pause", "rerun"]);
    expect(listAllowedActions("RUNNING")).toEqual(["stop", "pause", "rerun"]);
    expect(listAllowedActions("PAUSED")).toEqual(["start", "stop", "resume", "rerun"]);
    expect(listAllowedActions("ERROR")).toEqual(["start", "pause", "retry", "rerun"]);
    expect(listAllowedActions("FINISHED")).toEqual(["rerun"]);
  });

  it("asks of a pipeline what one of its members allows", () => {
    expect(listAllowedActions("RUNNING", ["PAUSED", "FINISHED"])).toContain("resume");
    expect(listAllowedActions("RUNNING", ["ERROR"])).toContain("retry");
  });

  it("leaves members that ended alone but for another try", () => {
    expect(listAllowedActions("FINISHED", ["ERROR", "FINISHED"])).toEqual(["retry", "rerun"]);
  });
});
