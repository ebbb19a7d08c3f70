// How fast Slack takes messages.

/** Messages of a webhook go out no faster. @see https://docs.slack.dev/apis/web-api/rate-limits */
export const slackPaceMs = 1_000;
