// Makes the error about a request whose parts fit their schemas one by one and still make no sense together.
import { MillraceError } from "../core/errors/errors.ts";

export interface RequestIssue {
  /** Where in the request: `query.state`, `body.params.region`. */
  readonly path: string;
  readonly message: string;
}

/** Answered with 400, naming each place. */
export function requestInvalid(issue: RequestIssue, ...more: readonly RequestIssue[]): MillraceError {
  const issues = [issue, ...more];
  return new MillraceError("REQUEST_INVALID", `\`${issue.path}\`: ${issue.message}`, { details: { issues } });
}
