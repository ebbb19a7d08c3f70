// Finds where two JSON values differ, as dotted paths.
import type { Difference } from "../../api/run.ts";
import { isSecretKey, maskText } from "../../core/errors/secret-redactor.ts";
import type { Json } from "../../store/rows/run-records.ts";

const maxDifferences = 500;
const maxDepth = 20;

/** In order of the first value's keys, at most 500. Lists are compared place by place. */
export function findDifferences(before: Json, after: Json): readonly Difference[] {
  const found: Difference[] = [];
  collect(found, [], before, after);
  return found;
}

function collect(
  found: Difference[],
  path: readonly string[],
  before: Json | undefined,
  after: Json | undefined,
): void {
  if (found.length >= maxDifferences) return;
  const [left, right] = [fieldsOf(before), fieldsOf(after)];
  if (left === undefined || right === undefined || path.length >= maxDepth || isList(before) !== isList(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      const shown = path.some(isSecretKey) ? maskPresent : toJson;
      found.push({ path: path.join("."), before: shown(before), after: shown(after) });
    }
    return;
  }
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    collect(found, [...path, key], left.get(key), right.get(key));
  }
}

function toJson(value: Json | undefined): Json {
  return value ?? null;
}

// That a secret changed is told, to what is not.
function maskPresent(value: Json | undefined): Json {
  return value === undefined || value === null ? null : maskText;
}

function isList(value: Json | undefined): boolean {
  return Array.isArray(value);
}

// A map, because a key may be called `__proto__`.
function fieldsOf(value: Json | undefined): ReadonlyMap<string, Json> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}
