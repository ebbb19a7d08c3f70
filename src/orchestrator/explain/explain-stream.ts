// Says what a run that works through topics does now, or why it stands still. Pure, as everything that explains.
import { countOf } from "../../core/count-of.ts";
import type { RunId } from "../../core/run-id.ts";
import type { GroupState } from "../../core/stream/stream-ledger.ts";
import type { BreakerRecord } from "../../store/upkeep/upkeep-store.ts";
import { at, lasting } from "./tell-time.ts";
import type { WaitExplanation } from "./explain-wait.ts";

export interface StreamFacts {
  readonly runId: RunId;
  readonly group: string;
  /** Topics of the job. */
  readonly topics: readonly string[];
  /** Undefined: nobody has worked for the group yet. */
  readonly state: GroupState | undefined;
  /** Records that the group has yet to commit; of each partition number. */
  readonly lags: ReadonlyMap<number, number>;
  /** Of the connections of the job that let nothing through. */
  readonly openBreakers: readonly BreakerRecord[];
  readonly nowMs: number;
}

/** Of a run that executes: what stands in place of "executes on …", where there is more to say than that. */
export function explainStream(facts: StreamFacts): WaitExplanation | undefined {
  const { runId, state } = facts;
  const member = state?.members.find((one) => one.runId === runId);
  if (state === undefined || member === undefined) return undefined;
  if (member.partitions.length === 0) return explainIdle(facts, state);
  const waiting = sumOf(facts.lags, member.partitions);
  const notes = describeGroup(state);
  const breaker = facts.openBreakers[0];
  if (breaker !== undefined) {
    const until = breaker.probeAtMs === undefined ? "" : ` until ${at(breaker.probeAtMs, facts.nowMs)}`;
    return {
      summary: `reads nothing more${until}, because connection \`${breaker.name}\` is failing`,
      details: [...(breaker.lastError === undefined ? [] : [`it failed with: ${breaker.lastError}`]), ...notes],
      remedy: `correct the cause, then \`millrace connections reset ${breaker.name}\`; a service that is down is tried again by itself`,
    };
  }
  const held = `partition${member.partitions.length === 1 ? "" : "s"} ${member.partitions.join(", ")} of \`${facts.group}\``;
  if (waiting === 0 && state.parked === 0) {
    return { summary: `has read all of ${namesOf(facts)} in ${held}, and waits for records`, details: notes };
  }
  if (waiting === 0) {
    return {
      summary: `has read all of ${namesOf(facts)} in ${held}, and waits for the next try of what is parked`,
      details: notes,
    };
  }
  return {
    summary: `is ${countOf(waiting, "record")} behind in ${held}`,
    details: [...describeCommit(state, member.partitions, facts.nowMs), ...notes],
  };
}

// A partition is worked through by one run at a time.
function explainIdle({ group }: StreamFacts, { members, positions }: GroupState): WaitExplanation {
  const partitions = new Set(positions.map(({ partition }) => partition)).size;
  if (members.length > partitions) {
    return {
      summary: `holds no partition, because \`${group}\` has ${countOf(members.length, "member")} for ${countOf(partitions, "partition")}`,
      details: ["it takes over when another member ends"],
      remedy: "lower `replicas` of the job, or raise `partitions` of the topic",
    };
  }
  return {
    summary: "waits for a partition that another run gives back when it has done what it has in hand",
    details: members
      .filter((one) => one.partitions.length > 1)
      .map((one) => `r${one.runId} holds ${one.partitions.join(", ")}`),
  };
}

function describeCommit({ positions }: GroupState, held: readonly number[], nowMs: number): readonly string[] {
  const times = positions.flatMap(({ partition, committedAtMs }) =>
    held.includes(partition) ? (committedAtMs ?? []) : [],
  );
  return times.length === 0
    ? ["it has committed nothing yet"]
    : [`its last commit was ${lasting(nowMs - Math.max(...times))} ago`];
}

function describeGroup({ parked, openDeadLetters, group }: GroupState): readonly string[] {
  return [
    ...(parked === 0
      ? []
      : [
          `${countOf(parked, "record")} of \`${group}\` ${parked === 1 ? "waits" : "wait"} for the next try, and all of the same keys behind`,
        ]),
    ...(openDeadLetters === 0
      ? []
      : [
          `${countOf(openDeadLetters, "dead letter")} ${openDeadLetters === 1 ? "waits" : "wait"} for a decision: \`millrace topic dead-letters --group ${group}\``,
        ]),
  ];
}

function namesOf({ topics }: StreamFacts): string {
  return topics.map((topic) => `\`${topic}\``).join(", ");
}

function sumOf(lags: ReadonlyMap<number, number>, partitions: readonly number[]): number {
  return partitions.reduce((sum, partition) => sum + (lags.get(partition) ?? 0), 0);
}
