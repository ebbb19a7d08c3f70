// What statuses mean, in words.
import type { StatusMeaning, StatusSaying } from "../../core/delivery/status-mapping.ts";

export const meaningNames: Readonly<Record<StatusMeaning, string>> = {
  new: "not begun",
  indeterminate: "in progress",
  done: "done",
  undefined: "not known",
};

/** One saying of an edit: `10031: done, waiting`. */
export function describeSaying({ category, is_waiting: isWaiting }: StatusSaying): string {
  const words = [
    ...(category === null ? [] : [meaningNames[category]]),
    ...(isWaiting === null ? [] : [isWaiting ? "waiting" : "active"]),
  ];
  return words.length === 0 ? "as Jira says" : words.join(", ");
}
