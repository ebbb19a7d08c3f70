// What a step of a join changes: keys and effects, which are written together with the offsets of its records.
import type { JoinDelivery, JoinState, JoinWrite } from "../../core/stream/join-ledger.ts";
import { findPayloadHashes } from "../../core/stream/payload-token.ts";
import { Effects } from "../worker/effects.ts";
import { encodeArrivals } from "./join-arrivals.ts";
import { inputsOf, type JoinSlot } from "./join-merge.ts";

/** A key as the store has it, and as it is to be. */
interface TurnedKey {
  readonly before: JoinState | undefined;
  slot: JoinSlot | undefined;
  isChanged: boolean;
}

/** Of one partition; thrown away when nothing of it may be written. */
export class JoinTurn {
  readonly effects: Effects = new Effects();
  readonly #keys = new Map<string, TurnedKey>();

  /** What the store has of a key. */
  load(key: string, slot: JoinSlot | undefined): void {
    this.#keys.set(key, { before: slot?.state, slot, isChanged: false });
  }

  knows(key: string): boolean {
    return this.#keys.has(key);
  }

  find(key: string): JoinSlot | undefined {
    return this.#keys.get(key)?.slot;
  }

  set(slot: JoinSlot): void {
    this.#change(slot.key, slot);
  }

  remove(key: string): void {
    this.#change(key, undefined);
  }

  /** How many more keys wait than before. */
  get growth(): number {
    let growth = 0;
    for (const { before, slot } of this.#keys.values())
      growth += (isWaiting(slot?.state) ? 1 : 0) - (isWaiting(before) ? 1 : 0);
    return growth;
  }

  /** When the next of the changed keys of a state is due; Infinity where there is none. */
  nextDueAtMs(state: JoinState): number {
    let next = Infinity;
    for (const { slot, isChanged } of this.#keys.values())
      if (isChanged && slot?.state === state) next = Math.min(next, slot.dueAtMs);
    return next;
  }

  /** @param isKept whether what has come of a key is kept after it is handled */
  toDelivery(partition: number, isKept: boolean): JoinDelivery | undefined {
    const writes: JoinWrite[] = [];
    const removals: { partition: number; key: string }[] = [];
    for (const [key, { before, slot, isChanged }] of this.#keys) {
      if (!isChanged) continue;
      if (slot !== undefined) writes.push(toWrite(partition, slot, isKept));
      else if (before !== undefined) removals.push({ partition, key });
    }
    return writes.length + removals.length === 0 ? undefined : { writes, removals };
  }

  #change(key: string, slot: JoinSlot | undefined): void {
    const known = this.#keys.get(key);
    this.#keys.set(key, { before: known?.before, slot, isChanged: true });
  }
}

/** Whether a key counts where keys are bounded. */
export function isWaiting(state: JoinState | undefined): boolean {
  return state === "open" || state === "failed";
}

function toWrite(partition: number, slot: JoinSlot, isKept: boolean): JoinWrite {
  const { key, state, firstTimeMs, dueAtMs, attempts, error, arrivals } = slot;
  const payload = (state === "emitted" && !isKept) || arrivals.size === 0 ? null : encodeArrivals(arrivals);
  return {
    partition,
    key,
    state,
    inputs: inputsOf(slot),
    firstTimeMs,
    dueAtMs,
    attempts,
    errorCode: error?.code ?? null,
    errorMessage: error?.message.slice(0, 500) ?? null,
    payload,
    hashes: payload === null ? [] : hashesOf(slot),
  };
}

function hashesOf({ arrivals }: JoinSlot): readonly string[] {
  const found = new Set<string>();
  for (const { value } of arrivals.values()) for (const hash of findPayloadHashes(value ?? empty)) found.add(hash);
  return [...found];
}

const empty = new Uint8Array();
