// What a schedule does with fires that were missed, and while a run is unfinished, in words.

/** The word of the definition and what it means; a word of a newer version stands for itself. */
export function describeMissed(missed: string): string {
  return missedWords[missed] ?? missed;
}

/** As `describeMissed`. */
export function describeOverlap(overlap: string): string {
  return overlapWords[overlap] ?? overlap;
}

const missedWords: Readonly<Record<string, string>> = {
  none: "are left out",
  latest: "the latest is made up",
  all: "all are made up",
};

const overlapWords: Readonly<Record<string, string>> = {
  skip: "no run while one is unfinished",
  queue_one: "waits for the run before",
  allow: "runs beside the one before",
  cancel_running: "stops the run before",
};
