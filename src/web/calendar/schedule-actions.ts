// Lists what may be done to a schedule, by the caller's role.
import { type ScheduleView } from "../../api/schedule.ts";
import type { Role } from "../../api/role.ts";
import { type Action } from "../components/actions/action.ts";
import { call } from "../queries/api-client.ts";
import { leastRole, mayCall } from "../queries/permissions.ts";

/** Pause or resume, or remove what the project no longer has; a role that may not is told which may. `onDone` refetches. */
export function toScheduleAction(
  schedule: Pick<ScheduleView, "job_name" | "paused" | "defined">,
  role: Role,
  onDone: () => void,
): Action {
  const { job_name: name, paused, defined } = schedule;
  if (!defined) return toRemoval(name, role, onDone);
  const whyNot = mayCall(role, "putSchedule") ? undefined : `needs the role ${leastRole("putSchedule")}`;
  const put = async (isPaused: boolean, answer: { readonly reason?: string }): Promise<void> => {
    await call("putSchedule", { params: { job_name: name }, body: { paused: isPaused, ...answer } });
    onDone();
  };
  if (paused) {
    return {
      label: "Resume schedule",
      icon: "play",
      whyNot,
      run: async (answer) => {
        await put(false, answer);
        return `${name} fires again by its schedule`;
      },
    };
  }
  return {
    label: "Pause schedule",
    icon: "pause",
    whyNot,
    confirm: {
      title: `Pause the schedule of ${name}?`,
      text: "It does not fire until it is resumed. Runs under way go on, and it can still be started by hand.",
    },
    run: async (answer) => {
      await put(true, answer);
      return `${name} does not fire until its schedule is resumed`;
    },
  };
}

function toRemoval(name: string, role: Role, onDone: () => void): Action {
  return {
    label: "Remove schedule",
    icon: "cross",
    whyNot: mayCall(role, "removeSchedule") ? undefined : `needs the role ${leastRole("removeSchedule")}`,
    confirm: {
      title: `Remove the schedule of ${name}?`,
      text: "The project of this server does not define it any more. Its past fires stay in the history.",
    },
    run: async () => {
      await call("removeSchedule", { params: { job_name: name } });
      onDone();
      return `the schedule of ${name} is removed`;
    },
  };
}
