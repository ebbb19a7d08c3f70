// The table of every error code: what the engine does by default, and who can act on it.
// `docs/errors.md` describes each; a test holds the two lists equal.

/** Code → [default disposition, origin]. Codes are stable: never renamed, never reused. */
export const errorCodes = {
  // definitions and configuration
  CONFIG_INVALID: ["fail", "config"],
  JOB_INVALID: ["fail", "config"],
  JOB_UNKNOWN: ["fail", "config"],
  JOB_DUPLICATE: ["fail", "config"],
  PIPELINE_INVALID: ["fail", "config"],
  PIPELINE_CYCLE: ["fail", "config"],
  DATASET_UNKNOWN: ["fail", "config"],
  DATASET_DUPLICATE: ["fail", "config"],
  MODULE_UNREADABLE: ["fail", "config"],
  MODULE_OUTSIDE_PROJECT: ["fail", "config"],
  PARAMS_INVALID: ["fail", "config"],
  VALUE_INVALID: ["fail", "config"],
  USAGE_INVALID: ["fail", "config"],
  RUN_UNKNOWN: ["fail", "config"],
  DEPENDENCY_MISSING: ["fail", "config"],
  // what a job did
  JOB_FAILED: ["fail", "user-code"],
  JOB_FAILED_TRANSIENT: ["retry", "user-code"],
  JOB_THREW_NON_ERROR: ["fail", "user-code"],
  JOB_RESULT_INVALID: ["fail", "user-code"],
  JOB_TIMED_OUT: ["retry", "user-code"],
  JOB_CANCELLED: ["cancel", "user-code"],
  UNITS_FAILED: ["fail", "user-code"],
  CHECKPOINT_INVALID: ["fail", "user-code"],
  SQL_INVALID: ["fail", "user-code"],
  SQL_FAILED: ["fail", "user-code"],
  // services that a job talks to
  RATE_LIMITED: ["retry", "upstream"],
  SERVICE_UNAVAILABLE: ["retry", "upstream"],
  AUTHENTICATION_FAILED: ["fail", "upstream"],
  PERMISSION_DENIED: ["fail", "upstream"],
  REQUEST_REJECTED: ["fail", "upstream"],
  FORMAT_INVALID: ["fail", "upstream"],
  CERTIFICATE_INVALID: ["fail", "config"],
  // data that came or went
  SOURCE_MISSING: ["fail", "upstream"],
  SOURCE_UNREADABLE: ["fail", "upstream"],
  SOURCE_EMPTY: ["fail", "upstream"],
  SCHEMA_MISMATCH: ["fail", "upstream"],
  CHECKS_FAILED: ["fail", "upstream"],
  TARGET_CONFLICT: ["retry", "upstream"],
  TARGET_UNSUPPORTED: ["fail", "config"],
  TARGET_UNREADABLE: ["fail", "upstream"],
  DELTA_UNSUPPORTED: ["fail", "upstream"],
  DELTA_CORRUPT: ["fail", "upstream"],
  DISK_FULL: ["retry", "upstream"],
  // the engine itself
  SPAWN_CYCLE: ["fail", "user-code"],
  RUN_LOST: ["cancel", "engine"],
  RUN_RELEASED: ["cancel", "engine"],
  RUN_STOPPED: ["cancel", "engine"],
  RUN_PAUSED: ["cancel", "engine"],
  RUN_SNOOZED: ["cancel", "engine"],
  WAIT_TIMED_OUT: ["fail", "upstream"],
  WAIT_CHANGED: ["fail", "user-code"],
  TRANSITION_INVALID: ["fail", "engine"],
  STORE_UNAVAILABLE: ["retry", "engine"],
  STORE_CORRUPT: ["fail", "engine"],
  STORE_VERSION: ["fail", "engine"],
  INTERNAL: ["fail", "engine"],
} as const;

export type ErrorCode = keyof typeof errorCodes;
