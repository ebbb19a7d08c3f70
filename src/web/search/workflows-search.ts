// Parses the address of the screen of workflows: whose statuses.
import { readText, type RawSearch } from "../search-params.ts";

export interface WorkflowsSearch {
  /** Key of a project. */
  readonly project?: string | undefined;
}

export function parseWorkflowsSearch(raw: RawSearch): WorkflowsSearch {
  return { project: readText(raw, "project") };
}
