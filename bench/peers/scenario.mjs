// Runs one scenario of a peer program. A peer is started as `node <peer>.mjs <scenario> <database url> <count>` and
// prints one line of JSON: `{ ms }` for the whole, or `{ values }` in milliseconds.

/** Runs the scenario that the command line names. Each takes `({ url, count })` and returns what is printed. */
export async function runScenario(scenarios) {
  const [name = "", url = "", count = "0"] = process.argv.slice(2);
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`expected one of ${Object.keys(scenarios).join(", ")}, got: ${name}`);
  const result = await scenario({ url, count: Number(count) });
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

/** Resolves `done` after `count` calls of `hit`. */
export function countdown(count) {
  let left = count;
  const { promise: done, resolve } = Promise.withResolvers();
  return {
    done,
    hit() {
      left -= 1;
      if (left === 0) resolve(undefined);
    },
  };
}

/** Milliseconds that the work takes. */
export async function timeMs(work) {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Sends `count` jobs one by one into an idle engine; `send(index)` and `started(index)` tell when. */
export async function oneByOne(count, send) {
  const values = [];
  let waiting;
  const started = () => waiting?.resolve(performance.now());
  for (let index = 0; index < count; index += 1) {
    waiting = Promise.withResolvers();
    const sentAt = performance.now();
    await send(started);
    values.push((await waiting.promise) - sentAt);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return values;
}

/** The four shapes of `count` jobs, as `[ref, dependsOn][]`. */
export function shapeOf(name, count) {
  const refs = Array.from({ length: count }, (_, index) => `n${index}`);
  switch (name) {
    case "chain":
      return refs.map((ref, index) => [ref, index === 0 ? [] : [refs[index - 1]]]);
    case "fan_out":
      return refs.map((ref, index) => [ref, index === 0 ? [] : [refs[0]]]);
    case "fan_in":
      return refs.map((ref, index) => [ref, index === count - 1 ? refs.slice(0, -1) : []]);
    default: {
      // 20 layers; each job waits for three of the layer before.
      const width = Math.floor(count / 20);
      return refs.map((ref, index) => {
        const layer = Math.floor(index / width);
        if (layer === 0) return [ref, []];
        const before = (layer - 1) * width;
        const column = index - layer * width;
        return [ref, [0, 1, 2].map((step) => refs[before + ((column + step) % width)])];
      });
    }
  }
}
