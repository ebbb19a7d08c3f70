// What a person may do with records that could not be handled: have them handled again, or give them up.
import type { JsonValue } from "../../api/page.ts";
import type { Role } from "../../api/role.ts";
import type { DeadLetterView } from "../../api/streams/dead-letter.ts";
import type { Action } from "../components/actions/action.ts";
import { call } from "../queries/api-client.ts";
import { leastRole, mayCall } from "../queries/permissions.ts";

/** All open ones of a group. */
export interface GroupLetters {
  readonly group: string;
  readonly topic: string | undefined;
}

/** Gives the record back to its group as it is. @param done afterwards */
export function retryAction({ id, group }: DeadLetterView, role: Role, done: () => void): Action {
  return {
    label: "Retry",
    icon: "retry",
    whyNot: whyNot(role, "retryDeadLetters"),
    run: async () => {
      await call("retryDeadLetters", { body: { ids: [id] } });
      done();
      return `${group} handles the record again`;
    },
  };
}

/** The same with another value. */
export async function retryEdited(id: number, value: JsonValue, reason: string): Promise<void> {
  await call("retryDeadLetters", { body: { ids: [id], value, ...(reason === "" ? {} : { reason }) } });
}

export function discardAction({ id, group }: DeadLetterView, role: Role, done: () => void): Action {
  return {
    label: "Discard",
    icon: "stop",
    isDanger: true,
    whyNot: whyNot(role, "discardDeadLetters"),
    confirm: {
      title: "Discard this record?",
      text: `${group} never handles it. It stays in its topic and in this list.`,
    },
    run: async ({ reason }) => {
      await call("discardDeadLetters", { body: { ids: [id], ...(reason === undefined ? {} : { reason }) } });
      done();
      return "the record is given up";
    },
  };
}

export function retryAllAction(which: GroupLetters, role: Role, done: () => void): Action {
  return {
    label: "Retry all",
    icon: "retry",
    whyNot: whyNot(role, "retryDeadLetters"),
    confirm: {
      title: `Retry all open dead letters of ${which.group}?`,
      text: "Each is handled again, the oldest first. One that fails again comes back here.",
    },
    run: async ({ reason }) => {
      const { count } = await call("retryDeadLetters", { body: bodyOf(which, reason) });
      done();
      return `${count} ${count === 1 ? "record is" : "records are"} handled again`;
    },
  };
}

export function discardAllAction(which: GroupLetters, role: Role, done: () => void): Action {
  return {
    label: "Discard all",
    icon: "stop",
    isDanger: true,
    whyNot: whyNot(role, "discardDeadLetters"),
    confirm: {
      title: `Discard all open dead letters of ${which.group}?`,
      text: "None of them is ever handled. They stay in their topics and in this list.",
      typedName: which.group,
    },
    run: async ({ reason }) => {
      const { count } = await call("discardDeadLetters", { body: bodyOf(which, reason) });
      done();
      return `${count} ${count === 1 ? "record is" : "records are"} given up`;
    },
  };
}

function bodyOf(
  { group, topic }: GroupLetters,
  reason: string | undefined,
): { readonly group: string; readonly topic?: string; readonly reason?: string } {
  return { group, ...(topic === undefined ? {} : { topic }), ...(reason === undefined ? {} : { reason }) };
}

function whyNot(role: Role, route: "retryDeadLetters" | "discardDeadLetters"): string | undefined {
  return mayCall(role, route) ? undefined : `needs the role ${leastRole(route)}`;
}
