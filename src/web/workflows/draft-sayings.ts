// What somebody is about to say of statuses: only what differs from what was said before is sent.
import type { WorkflowStatus } from "../../api/delivery/workflow.ts";
import type { StatusSaying } from "../../core/delivery/status-mapping.ts";

/** By id of the status. */
export type SayingDraft = Readonly<Record<string, StatusSaying>>;

/** What was said of a status up to now; null where nobody said anything. */
export function toSaying(status: WorkflowStatus): StatusSaying {
  return {
    status_id: status.status_id,
    category: status.is_category_said ? status.category : null,
    is_waiting: status.is_waiting_said ? status.is_waiting : null,
  };
}

/** A draft with a change in it; one that says what was said before is left out. */
export function changeDraft(draft: SayingDraft, status: WorkflowStatus, change: Partial<StatusSaying>): SayingDraft {
  const before = toSaying(status);
  const now = { ...(draft[status.status_id] ?? before), ...change };
  const { [status.status_id]: _before, ...others } = draft;
  const isSame = now.category === before.category && now.is_waiting === before.is_waiting;
  return isSame ? others : { ...others, [status.status_id]: now };
}
