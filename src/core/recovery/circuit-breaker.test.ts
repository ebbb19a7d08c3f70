import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyOutcome,
  type CircuitBreakerOptions,
  type CircuitOutcome,
  type CircuitState,
  type CircuitWindow,
  closedCircuit,
  countOutcome,
  createCircuitBreakerPolicy,
  phaseOf,
} from "./circuit-breaker.ts";

const policy = createCircuitBreakerPolicy({ failures: 3, openFor: "1m", openForMax: "10m" });
const minuteMs = 60_000;
const success: CircuitOutcome = { kind: "success" };
const outage: CircuitOutcome = { kind: "failure", errorClass: "service_unavailable", message: "502 Bad Gateway" };

class Machine {
  state: CircuitState = closedCircuit;
  window: CircuitWindow | undefined;
  nowMs = 1_000_000;
  writes = 0;

  see(...outcomes: readonly CircuitOutcome[]): CircuitState["state"] {
    for (const outcome of outcomes) {
      this.window = countOutcome(this.window, outcome.kind, this.nowMs);
      const next = applyOutcome(policy, this.state, this.window, outcome, this.nowMs);
      if (next !== this.state) this.writes += 1;
      this.state = next;
    }
    return phaseOf(this.state, this.nowMs);
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }
}

test("failures in a row open it, and a success in between starts the count anew", () => {
  const machine = new Machine();
  expect(machine.see(outage, outage, success, outage, outage)).toBe("closed");
  expect(machine.see(outage)).toBe("open");
  expect(machine.state).toEqual({
    state: "open",
    failures: 3,
    refusals: 0,
    openedAtMs: machine.nowMs,
    probeAtMs: machine.nowMs + minuteMs,
    lastError: "502 Bad Gateway",
  });
});

test("success after success changes nothing", () => {
  const machine = new Machine();
  machine.see(success, success, success);
  expect(machine.writes).toBe(0);
});

test("when its time has come it is half open; a good probe closes it", () => {
  const machine = new Machine();
  machine.see(outage, outage, outage);
  expect(machine.after(minuteMs - 1).see()).toBe("open");
  expect(machine.after(1).see()).toBe("half_open");
  expect(machine.see(success)).toBe("closed");
  expect(machine.state).toMatchObject({ failures: 0, openedAtMs: undefined, probeAtMs: undefined });
});

test("each failed probe doubles the time that it stays open, up to the longest", () => {
  const machine = new Machine();
  machine.see(outage, outage, outage);
  const openMinutes: number[] = [];
  for (let probe = 0; probe < 6; probe += 1) {
    const { openedAtMs = 0, probeAtMs = 0 } = machine.state;
    openMinutes.push((probeAtMs - openedAtMs) / minuteMs);
    expect(machine.after(probeAtMs - machine.nowMs).see(outage)).toBe("open");
  }
  expect(openMinutes).toEqual([1, 2, 4, 8, 10, 10]);
});

test("what began before it opened and ends while it is open changes nothing", () => {
  const machine = new Machine();
  machine.see(outage, outage, outage);
  const opened = machine.state;
  machine.after(1_000).see(outage, success, outage);
  expect(machine.state).toBe(opened);
});

test("refused credentials open it at once and for the longest time", () => {
  const machine = new Machine();
  expect(machine.see({ kind: "failure", errorClass: "authentication", message: "401" })).toBe("open");
  expect(machine.state.probeAtMs).toBe(machine.nowMs + 10 * minuteMs);
});

test("it stays open for as long as the service asks", () => {
  const machine = new Machine();
  machine.see(outage, outage, {
    kind: "failure",
    errorClass: "rate_limit",
    message: "429",
    retryAfterMs: 5 * minuteMs,
  });
  expect(machine.state.probeAtMs).toBe(machine.nowMs + 5 * minuteMs);
});

test.each(["format_change", "configuration", "database_lock", "unknown"] as const)(
  "an error of class %s says nothing about the connection",
  (errorClass) => {
    const machine = new Machine();
    const failure: CircuitOutcome = { kind: "failure", errorClass, message: "no" };
    machine.see(failure, failure, failure, failure);
    expect([machine.state, machine.writes]).toEqual([closedCircuit, 0]);
  },
);

test("refusals of permission open it only in a row, and then for the longest time", () => {
  const machine = new Machine();
  const refused: CircuitOutcome = { kind: "failure", errorClass: "permission", message: "403" };
  expect(machine.see(refused, refused, success, refused, refused)).toBe("closed");
  expect(machine.see(outage)).toBe("closed");
  expect(machine.see(refused)).toBe("open");
  expect(machine.state).toMatchObject({ refusals: 3, failures: 1, probeAtMs: machine.nowMs + 10 * minuteMs });
  machine.after(10 * minuteMs);
  expect(machine.see(refused)).toBe("open");
  expect(machine.state.probeAtMs).toBe(machine.nowMs + 10 * minuteMs);
  expect(machine.after(10 * minuteMs).see(success)).toBe("closed");
  expect(machine.state.refusals).toBe(0);
});

test("a refusal as the answer to a probe proves nothing", () => {
  const machine = new Machine();
  machine.see(outage, outage, outage);
  machine.after(minuteMs).see({ kind: "failure", errorClass: "permission", message: "403" });
  expect(phaseOf(machine.state, machine.nowMs)).toBe("half_open");
  expect(machine.see(success)).toBe("closed");
});

test("a high rate of failures opens it although successes come in between", () => {
  const machine = new Machine();
  const rated = createCircuitBreakerPolicy({ failures: 1_000, failureRate: 0.5, minOutcomes: 10 });
  let window: CircuitWindow | undefined;
  let state = closedCircuit;
  const seen: string[] = [];
  for (let index = 0; index < 10; index += 1) {
    const outcome = index % 2 === 0 ? success : outage;
    window = countOutcome(window, outcome.kind, machine.nowMs);
    state = applyOutcome(rated, state, window, outcome, machine.nowMs);
    seen.push(state.state);
  }
  expect(seen.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => "closed"));
  expect(seen[9]).toBe("open");
});

test("whatever happens, an open breaker has a time for its probe within the longest wait, and a closed one has none", () => {
  const outcome = fc.constantFrom(success, outage, {
    kind: "failure",
    errorClass: "authentication",
    message: "401",
  } as const);
  fc.assert(
    fc.property(fc.array(fc.tuple(outcome, fc.nat(20 * minuteMs))), (steps) => {
      const machine = new Machine();
      for (const [next, waitMs] of steps) {
        machine.after(waitMs).see(next);
        const { state, probeAtMs, openedAtMs, failures } = machine.state;
        expect(state).not.toBe("half_open");
        if (state === "closed") expect([probeAtMs, openedAtMs]).toEqual([undefined, undefined]);
        else {
          expect(probeAtMs).toBeGreaterThan(openedAtMs ?? Number.NaN);
          expect(probeAtMs).toBeLessThanOrEqual((openedAtMs ?? 0) + policy.openMaxMs);
          expect(failures).toBeGreaterThan(0);
        }
      }
    }),
  );
});

test.each<[CircuitBreakerOptions, string]>([
  [{ failures: 0 }, "expected `failures` of a breaker to be an integer from 1 to 1000, got: `0`"],
  [{ failureRate: 1.5 }, "expected `failureRate` of a breaker to be above 0 and at most 1, got: `1.5`"],
  [{ openFor: "10ms" }, "expected `openFor` of a breaker to be at least one second, got: `10ms`"],
])("%o is refused", (options, message) => {
  expect(() => createCircuitBreakerPolicy(options)).toThrowError(message);
});
