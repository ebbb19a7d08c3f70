// A registry whose jobs can be exchanged while workers use it: attempts that execute go on with the code they began with,
// those that follow get the new one.
import type { JobRegistry } from "../attempt/job-registry.ts";

export interface ReplaceableRegistry extends JobRegistry {
  replace(next: JobRegistry): void;
}

/** @param current what it is until it is replaced */
export function createReplaceableRegistry(current: JobRegistry): ReplaceableRegistry {
  return {
    get names() {
      return current.names;
    },
    job: (name) => current.job(name),
    locate: (name) => current.locate(name),
    fingerprint: (name) => current.fingerprint(name),
    replace: (next) => void (current = next),
  };
}
