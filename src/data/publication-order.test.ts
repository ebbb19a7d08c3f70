import fc from "fast-check";
import { expect, test } from "vitest";
import type { WriteMode } from "../core/dataset/dataset.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { RunId } from "../core/run-id.ts";
import { isLaterRun, isPublicationDone, type PublicationMemory, toRunKey } from "./publication-order.ts";

const run = fc.record({ id: fc.integer({ min: 1, max: 9 }), createdAtMs: fc.integer({ min: 1, max: 3 }) });
type Run = { readonly id: number; readonly createdAtMs: number };
const keyOf = ({ id, createdAtMs }: Run): string => toRunKey(id as RunId, createdAtMs);

test("runs are in the order of their submission, and of their ids within one instant", () => {
  fc.assert(
    fc.property(run, run, (one, two) => {
      const isLater = one.createdAtMs > two.createdAtMs || (one.createdAtMs === two.createdAtMs && one.id > two.id);
      expect(isLaterRun(keyOf(one), keyOf(two))).toBe(isLater);
    }),
  );
});

test.each(["", "r1", "1-abc", "r1-ABC", "r1-abc-d", "somebody else"])(
  "a key of another form is of no run: %j",
  (key) => {
    expect(isLaterRun(key, "r1-1")).toBe(false);
    expect(isLaterRun("r2-2", key)).toBe(false);
  },
);

const history = fc.array(fc.record({ run, fingerprint: fc.constantFrom("a", "b") }), { maxLength: 4 });
const modes = fc.constantFrom<WriteMode>("append", "replace", "merge");

/** What a publication does after others, as the documents say it. */
function expected(mode: WriteMode, publications: readonly { run: Run; fingerprint: string }[], own: Run): string {
  const last = publications.at(-1);
  if (publications.some((publication) => keyOf(publication.run) === keyOf(own))) {
    const isLast = last !== undefined && keyOf(last.run) === keyOf(own);
    return mode !== "append" && isLast && last.fingerprint !== "a" ? "publishes" : "is done";
  }
  return mode === "replace" && last !== undefined && isLaterRun(keyOf(last.run), keyOf(own))
    ? "is superseded"
    : "publishes";
}

test("a run publishes once, whatever came after it, and no replace goes over one of a later run", () => {
  fc.assert(
    fc.property(modes, history, run, (mode, publications, own) => {
      const last = publications.at(-1);
      const memory: PublicationMemory = {
        hasOwn: publications.some((publication) => keyOf(publication.run) === keyOf(own)),
        ...(last === undefined ? {} : { last: { runKey: keyOf(last.run), fingerprint: last.fingerprint } }),
      };
      const writer = { runKey: keyOf(own), dataset: "t", fingerprint: "a" };
      expect(outcome(() => isPublicationDone(mode, writer, memory))).toBe(expected(mode, publications, own));
    }),
    { numRuns: 500 },
  );
});

function outcome(decide: () => boolean): string {
  try {
    return decide() ? "is done" : "publishes";
  } catch (error) {
    if (error instanceof MillraceError && error.code === "RUN_SUPERSEDED") return "is superseded";
    throw error;
  }
}
