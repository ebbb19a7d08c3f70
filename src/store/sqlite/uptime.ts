// The clock by which workers of a store file live and die. All of them are processes of one machine, so they share its
// monotonic clock, which goes on whatever somebody does to the time of day.

/** Milliseconds since the machine started; the same in all its processes. */
export function uptimeMs(): number {
  return Math.round(Number(process.hrtime.bigint() / 1_000n) / 1_000);
}
