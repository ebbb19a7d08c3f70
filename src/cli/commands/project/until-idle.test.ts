// When work that goes on until nothing is left may end, and what does not end it.
import { expect, test } from "vitest";
import { MillraceError } from "../../../core/errors/errors.ts";
import { untilIdle } from "./until-idle.ts";

function watchOf(answers: readonly (boolean | Error)[], stuck: readonly string[] = []) {
  let looks = 0;
  const app = {
    isIdle: () => {
      const answer = answers[Math.min(looks, answers.length - 1)] ?? true;
      looks += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    listStuckBatches: () => Promise.resolve(stuck),
  };
  const watch = {
    app,
    replicas: { crashed: new Set<string>() },
    scheduler: { quietLooks: () => looks },
    clock: { sleep: () => Promise.resolve() },
    signal: new AbortController().signal,
  };
  return { watch, looks: () => looks };
}

const away = new MillraceError("STORE_UNAVAILABLE", "store cannot be reached");

test("a store that is away for a moment ends nobody who works until nothing is left, and the quiet begins anew", async () => {
  const { watch, looks } = watchOf([true, true, away, true], ["sums/3"]);
  expect(await untilIdle(watch)).toEqual(["sums/3"]);
  expect(looks()).toBe(6);
});

test("what does not pass by itself ends it", async () => {
  const broken = new MillraceError("TOPIC_CHANGED", "topic was made again");
  await expect(untilIdle(watchOf([broken]).watch)).rejects.toBe(broken);
});
