import { describe, expect, it } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import { RunSelections, selectionTtlMs } from "./run-selections.ts";

const selection = { action: "stop" as const, runIds: [1 as RunId, 2 as RunId] };

describe("RunSelections", () => {
  it("hands a selection out once, to its owner, with its count", () => {
    const selections = new RunSelections();
    const id = selections.add("ada", selection);
    expect(() => selections.take(id, "bob", 2)).toThrow(/another caller's/);
    expect(() => selections.take(id, "ada", 3)).toThrow(/`2`, got: `3`/);
    expect(selections.take(id, "ada", 2)).toMatchObject(selection);
    expect(() => selections.take(id, "ada", 2)).toThrow(/was used/);
  });

  it("forgets a selection after ten minutes", () => {
    let nowMs = 0;
    const selections = new RunSelections(() => nowMs);
    const id = selections.add("ada", selection);
    nowMs = selectionTtlMs - 1;
    const kept = selections.add("ada", selection);
    nowMs = selectionTtlMs;
    expect(() => selections.take(id, "ada", 2)).toThrow(/expired/);
    expect(selections.take(kept, "ada", 2)).toMatchObject(selection);
  });

  it("keeps the newest twenty of a token, whatever others do", () => {
    const selections = new RunSelections();
    const others = selections.add("bob", selection);
    const ids = Array.from({ length: 21 }, () => selections.add("ada", selection));
    expect(() => selections.take(ids[0] ?? "", "ada", 2)).toThrow(/expired/);
    for (const id of ids.slice(1)) expect(selections.take(id, "ada", 2)).toMatchObject(selection);
    expect(selections.take(others, "bob", 2)).toMatchObject(selection);
  });

  it("keeps no more than five hundred in all", () => {
    const selections = new RunSelections();
    const first = selections.add("first", selection);
    for (let owner = 0; owner < 500; owner += 1) selections.add(`o${owner}`, selection);
    expect(() => selections.take(first, "first", 2)).toThrow(/expired/);
  });
});
