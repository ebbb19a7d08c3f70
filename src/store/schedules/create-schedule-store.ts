// The part of the store port over scripts that keeps schedules.
import { prepareSubmission } from "../submit/prepare-submission.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { fire, prepareTick } from "./fire-schedules.ts";
import { listActivity } from "./job-activity.ts";
import {
  listDueSchedules,
  listFires,
  listSchedules,
  listSkippedFires,
  nextFireInMs,
  pauseSchedule,
  removeSchedule,
  saveSchedules,
} from "./schedules.ts";
import { fillWindows, listWindows } from "../submit/windows.ts";

/** Schedules, and what they fired. */
export function createScheduleStore({ read, write, announce }: ScriptRunner): ScheduleStore {
  return {
    saveSchedules: async (schedules) => {
      await write(() => saveSchedules(schedules));
      announce("schedule");
    },
    removeSchedule: (name) => write(() => removeSchedule(name)),
    pauseSchedule: async (name, paused, by) => {
      const found = await write(() => pauseSchedule(name, paused, by));
      announce("schedule");
      return found;
    },
    listSchedules: () => read(listSchedules),
    listDueSchedules: (limit, after) => read(({ nowMs }) => listDueSchedules(limit, after, nowMs)),
    nextFireInMs: (afterMs) => read(({ nowMs }) => nextFireInMs(afterMs, nowMs)),
    fire: async (ticks) => {
      const prepared = ticks.map(prepareTick);
      const fired = await write(({ nowMs }) => fire(prepared, nowMs));
      if (fired.some(({ runIds }) => runIds.length > 0)) announce("ready");
      return fired;
    },
    listFires: (schedule, beforeFireAtMs, limit) => read(() => listFires(schedule, beforeFireAtMs, limit)),
    listSkippedFires: (schedules, lookBack) => read(() => listSkippedFires(schedules, lookBack)),
    listActivity: (jobs) => read(() => listActivity(jobs)),
    listWindows: (query) => read(({ nowMs }) => listWindows(query, nowMs)),
    fillWindows: async (submission, positions) => {
      const prepared = prepareSubmission(submission);
      const result = await write(({ nowMs }) => fillWindows(prepared, positions, nowMs));
      if (result.submitted?.created === true) announce("ready");
      return result;
    },
  };
}
