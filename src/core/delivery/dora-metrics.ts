// Names that addresses and requests have: small, since every page of the web UI loads them.

/** The newest first. */
export const benchmarkYears: readonly ["2025", "2024", "2023", "2021"] = ["2025", "2024", "2023", "2021"];

/** The five metrics of DORA, as `delivery_dora` names them. */
export type DoraMetric = (typeof doraMetrics)[number];

export const doraMetrics = [
  "change_lead_time",
  "deployment_frequency",
  "change_fail_rate",
  "failed_deployment_recovery_time",
  "deployment_rework_rate",
] as const;
