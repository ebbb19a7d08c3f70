import { expect, it } from "vitest";
import type { WorkflowStatus } from "../../api/delivery/workflow.ts";
import { changeDraft, toSaying } from "./draft-sayings.ts";

const status: WorkflowStatus = {
  status_id: "3",
  name: "In review",
  types: ["Story"],
  is_current: true,
  jira_category: "indeterminate",
  category: "indeterminate",
  is_category_said: false,
  is_waiting: true,
  is_waiting_said: true,
  edited_by: "ada",
  edited_at: null,
};

it("has what differs from what was said, and nothing that was taken back", () => {
  expect(toSaying(status)).toEqual({ status_id: "3", category: null, is_waiting: true });
  const draft = changeDraft({}, status, { category: "done" });
  expect(draft).toEqual({ "3": { status_id: "3", category: "done", is_waiting: true } });
  expect(changeDraft(draft, status, { is_waiting: null })["3"]).toMatchObject({ category: "done", is_waiting: null });
  expect(changeDraft(draft, status, { category: null })).toEqual({});
});
