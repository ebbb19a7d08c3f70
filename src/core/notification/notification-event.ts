// What people can be told of, and how urgent it is.

export const notificationEvents = ["failed", "succeeded", "quality", "recovered", "late", "stale"] as const;

/**
 * `failed`: a run failed for good · `succeeded`: a run finished · `quality`: a check failed, or rows were set aside ·
 * `recovered`: what lasted is over · `late`: a run is behind what was agreed · `stale`: a dataset is older than it may be.
 */
export type NotificationEvent = (typeof notificationEvents)[number];

export const severities = ["critical", "error", "warning", "info"] as const;

/** The most urgent first. Only `critical` passes quiet hours. */
export type Severity = (typeof severities)[number];

/** How urgent an event is when no rule says otherwise. */
export const usualSeverity: Readonly<Record<NotificationEvent, Severity>> = {
  failed: "error",
  succeeded: "info",
  quality: "warning",
  recovered: "info",
  late: "warning",
  stale: "warning",
};

/** Events that tell of trouble which lasts until something else tells that it is over. */
export function isTrouble(event: NotificationEvent): boolean {
  return event !== "succeeded" && event !== "recovered";
}
