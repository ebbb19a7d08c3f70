// Instants of the fixtures: counted from one moment, so that screens show ages that make sense whenever they are looked at.

const minuteMs = 60_000;

/** When the fixtures were made. */
export const fixtureNowMs: number = Math.floor(Date.now() / 1_000) * 1_000;

/** The instant so many minutes ago; negative for the future. */
export function minutesAgo(minutes: number): string {
  return new Date(fixtureNowMs - minutes * minuteMs).toISOString();
}

/** Minutes in hours, for instants further back. */
export const hour = 60;
