// The one source of chance of a simulation: sfc32 by Chris Doty-Humphrey (PractRand), seeded through splitmix32.
// Each concern draws from a stream of its own, so that one draw more in one of them leaves the others as they were.

/** A stream of numbers that depends on the seed and on the name of the stream alone. */
export class SimulationRandom {
  readonly #seed: number;
  readonly #stream: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream: string) {
    this.#seed = seed;
    this.#stream = stream;
    let state = hashText(`${seed}/${stream}`);
    const nextWord = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let word = state ^ (state >>> 16);
      word = Math.imul(word, 0x21f0aaad);
      word ^= word >>> 15;
      word = Math.imul(word, 0x735a2d97);
      return word ^ (word >>> 15);
    };
    this.#a = nextWord();
    this.#b = nextWord();
    this.#c = nextWord();
    // The first words still show the seed.
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** Another stream of the same seed. */
  fork(stream: string): SimulationRandom {
    return new SimulationRandom(this.#seed, `${this.#stream}/${stream}`);
  }

  /** In [0, 1), with 32 bits. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  /** Milliseconds from `min` to `max`, short ones more often: the logarithm is spread evenly. */
  durationMs(min: number, max: number): number {
    return Math.round(min * (max / min) ** this.next());
  }
}

// FNV-1a, https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}
