// What `millrace schedules` can do and how it says so, on a store and through a server.
import type { Terminal } from "./terminal.ts";

export const scheduleActions = ["list", "next", "pause", "resume", "remove"] as const;

export type ScheduleAction = (typeof scheduleActions)[number];

/** What a schedule is afterwards. */
export const pastOf = { pause: "paused", resume: "resumed", remove: "removed" } as const;

/** In place of the next fire of a schedule that the project no longer has. */
export const notDefined = "nobody here defines it";

/** For a person who asks when such a one fires. */
export function noteNotDefined(terminal: Terminal, name: string): void {
  terminal.note(`${notDefined}, so it starts no run; \`millrace schedules remove ${name}\` forgets it`);
}
