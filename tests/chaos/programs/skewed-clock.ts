// Loaded before a program: its clock is wrong by CHAOS_CLOCK_SKEW_MS, and jumps to the other side every few seconds.
const skewMs = Number(process.env["CHAOS_CLOCK_SKEW_MS"] ?? "0");
const realNow = Date.now.bind(Date);
const RealDate = Date;
const startedAt = performance.now();

function offsetMs(): number {
  return Math.floor((performance.now() - startedAt) / 3_000) % 2 === 0 ? skewMs : -skewMs;
}

class SkewedDate extends RealDate {
  constructor(...args: readonly [] | readonly [number | string]) {
    if (args[0] === undefined) super(realNow() + offsetMs());
    else super(args[0]);
  }

  static override now(): number {
    return realNow() + offsetMs();
  }
}

globalThis.Date = SkewedDate as DateConstructor;
