// Plans the faults of a run of the kill harness from a seed: every named moment, journals of every size, and disks of
// every room.
import type { Random } from "../faults/random.ts";
import type { TargetFault, TargetTable } from "./target-kills.ts";

export const killedTables: readonly TargetTable[] = (["sqlite", "duckdb"] as const).flatMap((format) =>
  (["replace", "append", "merge"] as const).flatMap((mode) =>
    [true, false].map((exists) => ({ format, mode, exists })),
  ),
);

/** Named moments of a target, and how often a publication passes each at least. */
const moments: Readonly<Record<TargetTable["format"], readonly (readonly [string, number])[]>> = {
  sqlite: [
    ["audited", 1],
    ["sqlite:publishing", 1],
    ["sqlite:inserting", 29],
    ["sqlite:written", 1],
    ["sqlite:committed", 1],
    ["published", 1],
    ["recorded", 1],
  ],
  duckdb: [
    ["audited", 1],
    ["duckdb:publishing", 1],
    ["duckdb:writing", 1],
    ["duckdb:written", 1],
    ["duckdb:committed", 1],
    ["published", 1],
    ["recorded", 1],
  ],
};

/** Files that grow while a transaction is open; of a new DuckDB file, the hidden one. */
function growingFiles({ format, mode, exists }: TargetTable): readonly (readonly [suffix: string, largest: number])[] {
  if (format === "duckdb")
    return exists
      ? [
          [".duckdb", 4_000_000],
          [".wal", 200_000],
        ]
      : [[".millrace", 2_000_000]];
  if (!exists || mode === "append")
    return [
      [".sqlite", 3_000_000],
      ["-journal", 500],
    ];
  return [
    ["-journal", 2_500_000],
    [".sqlite", 3_000_000],
  ];
}

const largestRoom = 4_000_000;

/** Half of the faults are at named moments, a quarter at sizes of files, a quarter full disks or limits of the size of files. */
export function planTargetKills(count: number, random: Random, canMount: boolean): TargetFault[] {
  return Array.from({ length: count }, (_, index) => {
    const table = killedTables[index % killedTables.length] ?? random.pick(killedTables);
    const turn = Math.floor(index / killedTables.length) + (index % 4);
    if (turn % 4 === 3) {
      // where no disk can be mounted, the size of files is limited instead
      const kind = canMount && random.next() < 0.7 ? "disk" : "limit";
      return { ...table, kind, bytes: random.integer(0, largestRoom) };
    }
    if (turn % 4 >= 2) {
      const [suffix, largest] = random.pick(growingFiles(table));
      return { ...table, kind: "bytes", suffix, bytes: random.integer(1, largest) };
    }
    const [moment, times] = random.pick(moments[table.format]);
    return { ...table, kind: "moment", moment, occurrence: random.integer(1, times) };
  });
}
