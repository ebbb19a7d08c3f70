// The points of one credential, for services that count what requests cost instead of the requests. All workers share them.
import type { QuotaStore } from "../../core/connection/quota-store.ts";
import type { PointQuota } from "../../core/connection/transport-options.ts";
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** What may be spent. */
export class PointBudget {
  readonly #name: string;
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #cost: number;

  constructor(connection: string, { count, per, cost = 1 }: PointQuota) {
    this.#name = connection;
    this.#limit = count;
    this.#windowMs = parseDuration(per, "per");
    this.#cost = this.cost(cost);
  }

  /** Points of a request. @throws MillraceError `VALUE_INVALID` for more than may come at once, which would wait for ever */
  cost(asked: number = this.#cost): number {
    if (Number.isInteger(asked) && asked >= 0 && asked <= this.#burst) return asked;
    throw new MillraceError(
      "VALUE_INVALID",
      `expected \`cost\` of a request to \`${this.#name}\` to be a whole number up to ${this.#burst}, got: \`${asked}\``,
      { hint: "half of `limits.points.count` may come at once; ask for less with a request" },
    );
  }

  /** @returns how long there are not that many; 0 when they are paid */
  async pay(store: QuotaStore, points: number): Promise<number> {
    if (points === 0) return 0;
    const { granted, waitMs } = await store.takeQuota({
      // beside the requests, which are a quota of their own
      name: `${this.#name} points`,
      want: points,
      atLeast: points,
      burst: this.#burst,
      limit: this.#limit,
      windowMs: this.#windowMs,
    });
    return granted === points ? 0 : Math.max(1, waitMs);
  }

  get #burst(): number {
    return Math.floor(this.#limit / 2);
  }
}
