// Looks whether jobs and datasets came in time. Any number of processes may: of those that have the same rules one looks in
// each period, and the store lets each turn happen once. A process leaves rules alone that it does not have itself.
import { createHash } from "node:crypto";
import type { NewNotice } from "../../core/notification/notice.ts";
import { nextExpected } from "../../core/schedule/sla.ts";
import type { DueExpectation, NewExpectation, Verdict } from "../../store/expectations/expectation-store.ts";
import type { Store } from "../../store/store.ts";
import { decideFreshness } from "./decide-freshness.ts";
import { decidePunctuality, dueInstant, startedLookMs } from "./decide-punctuality.ts";
import { type ExpectationRules, parseFreshness, parseSla } from "./expectation-rules.ts";

const pageSize = 1_000;
const lookEveryMs = 1_000;
/** Rules of one look; the next one goes on, so that schedules fire in between however many are due at once. */
const maxJudged = 2_000;

export type NoticesOfVerdict = (verdict: Verdict) => readonly NewNotice[];

/** Evaluates what is due, by the clock of the store. */
export class ExpectationWatch {
  readonly #store: Store;
  readonly #rules: ExpectationRules;
  readonly #cadence: string;
  readonly #noticesOf: NoticesOfVerdict;
  #isSaved = false;

  /** @param noticesOf what people are told if a verdict turns what was before; nothing by default */
  constructor(store: Store, rules: ExpectationRules, noticesOf: NoticesOfVerdict = () => []) {
    this.#store = store;
    this.#rules = rules;
    this.#noticesOf = noticesOf;
    this.#cadence = `expectations:${fingerprint(rules)}`;
  }

  /** Saves the rules once, and writes verdicts for those that are due, the longest overdue first. @throws MillraceError when the store cannot be reached */
  async look(): Promise<void> {
    await this.#save();
    let after: DueExpectation | undefined;
    let isOurs = false;
    let judged = 0;
    do {
      const page = await this.#store.listDueExpectations(pageSize, after);
      after = page.length < pageSize ? undefined : page.at(-1);
      const known = page.filter(({ kind, name }) => this.#has(kind, name));
      if (known.length === 0) continue;
      isOurs ||= await this.#store.takeCadence(this.#cadence, lookEveryMs);
      if (!isOurs) return;
      const verdicts = [...(await this.#judgeJobs(known)), ...(await this.#judgeDatasets(known))];
      await this.#store.applyVerdicts(verdicts.map((verdict) => ({ ...verdict, notices: this.#noticesOf(verdict) })));
      judged += known.length;
    } while (after !== undefined && judged < maxJudged);
  }

  #has(kind: DueExpectation["kind"], name: string): boolean {
    return kind === "job" ? this.#rules.jobs.has(name) : this.#rules.datasets.has(name);
  }

  async #save(): Promise<void> {
    if (this.#isSaved) return;
    const nowMs = await this.#store.readClockMs();
    const rows = [...listJobs(this.#rules, nowMs), ...listDatasets(this.#rules, nowMs)];
    for (let from = 0; from === 0 || from < rows.length; from += pageSize)
      await this.#store.saveExpectations(rows.slice(from, from + pageSize));
    this.#isSaved = true;
  }

  async #judgeJobs(known: readonly DueExpectation[]): Promise<readonly Verdict[]> {
    const due = known.flatMap((record) => {
      const sla = record.kind === "job" ? parseSla(record.rule) : undefined;
      return sla === undefined ? [] : [{ record, sla }];
    });
    if (due.length === 0) return [];
    const facts = await this.#store.readPunctuality(
      due.map(({ record, sla }) => {
        const fireAtMs = dueInstant(sla, record)?.fireAtMs;
        return { job: record.name, ...(fireAtMs === undefined ? {} : { fireAtMs }) };
      }),
    );
    const factsOf = new Map(facts.map((fact) => [fact.job, fact]));
    return due.flatMap(({ record, sla }) => {
      const fact = factsOf.get(record.name);
      return fact === undefined ? [] : [toVerdict(record, decidePunctuality(sla, record, fact))];
    });
  }

  async #judgeDatasets(known: readonly DueExpectation[]): Promise<readonly Verdict[]> {
    const due = known.flatMap((record) => {
      const freshness = record.kind === "dataset" ? parseFreshness(record.rule) : undefined;
      return freshness === undefined ? [] : [{ record, freshness }];
    });
    if (due.length === 0) return [];
    const facts = await this.#store.readFreshness(due.map(({ record }) => record.name));
    const factsOf = new Map(facts.map((fact) => [fact.dataset, fact]));
    return due.map(({ record, freshness }) =>
      toVerdict(record, decideFreshness(freshness, record, factsOf.get(record.name))),
    );
  }
}

function toVerdict(
  { kind, name, dueAtMs }: DueExpectation,
  decision: Omit<Verdict, "kind" | "name" | "seenDueAtMs">,
): Verdict {
  return { kind, name, seenDueAtMs: dueAtMs, ...decision };
}

// A job that is new is not late for what was before.
function listJobs({ jobs }: ExpectationRules, nowMs: number): readonly NewExpectation[] {
  return [...jobs].flatMap(([name, sla]): readonly NewExpectation[] => {
    const rule = { ...sla };
    if (sla.timing === null)
      return [{ kind: "job", name, rule, expectedAtMs: nowMs, dueAtMs: nowMs + startedLookMs(sla) }];
    const next = nextExpected(sla, nowMs);
    if (next === undefined) return [];
    return [{ kind: "job", name, rule, expectedAtMs: next.fireAtMs, dueAtMs: next.deadlineMs }];
  });
}

// How old a dataset is, is known at once.
function listDatasets({ datasets }: ExpectationRules, nowMs: number): readonly NewExpectation[] {
  return [...datasets].map(([name, freshness]) => {
    return { kind: "dataset", name, rule: { ...freshness }, expectedAtMs: nowMs, dueAtMs: nowMs };
  });
}

function fingerprint({ jobs, datasets }: ExpectationRules): string {
  const text = JSON.stringify([[...jobs].toSorted(byName), [...datasets].toSorted(byName)]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
