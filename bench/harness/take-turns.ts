// Runs the sides of a comparison in turns (A B A B …), so that neither has the quieter half of the machine's time.

/** Name of a side → does it once and returns what it cost. */
export type Sides<Name extends string> = Readonly<Record<Name, () => Promise<number>>>;

/**
 * Each side `warmUps` times for nothing, then `repetitions` times for its values, in the order of the runs.
 * Every other repetition goes through the sides backwards, so that no side always runs behind the same one.
 */
export async function takeTurns<Name extends string>(
  sides: Sides<Name>,
  { warmUps, repetitions }: { readonly warmUps: number; readonly repetitions: number },
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(sides) as Name[]; // a record has no keys beside its names
  for (let turn = 0; turn < warmUps; turn += 1) {
    for (const name of names) await sides[name]();
  }
  const values = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < repetitions; turn += 1) {
    for (const name of turn % 2 === 0 ? names : names.toReversed()) values.get(name)?.push(await sides[name]());
  }
  return Object.fromEntries(values) as Record<Name, number[]>;
}

/** Wall time of `work` in milliseconds. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}
