// Who asks the Jira of the bench, on both sides.

export const jiraEmail = "collector@example.com";
export const jiraToken = "a-token-of-this-bench";
