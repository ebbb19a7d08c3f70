// The roles of callers, from the one that may do least to the one that may do most.

/** Each role may do what those before it may. */
export const roles: readonly ["viewer", "operator", "editor", "admin"] = ["viewer", "operator", "editor", "admin"];

/** `viewer` reads · `operator` starts, stops, retries · `editor` changes schedules, state and limits · `admin` forces and keeps tokens. */
export type Role = (typeof roles)[number];
