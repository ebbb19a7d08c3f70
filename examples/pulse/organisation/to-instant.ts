// Instants as texts.

/** Seconds since 1970 as GitHub writes instants: whole seconds, in UTC. */
export function toInstant(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** Seconds since 1970 with the milliseconds that Jira writes. */
export function toJiraInstant(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
