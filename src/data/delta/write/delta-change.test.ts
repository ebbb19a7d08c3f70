import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { publish, type PublishOptions } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";

const folder = useTemporaryFolder("delta-change");
const session = useEngineSession();
let path: string;
beforeEach(() => {
  path = join(folder(), randomUUID(), "table");
});

async function files(): Promise<string[]> {
  return (await openDeltaSnapshot(path, { session: session() })).files.map((file) => file.path);
}

async function rows(list: string): Promise<string[]> {
  const relation = await deltaRelation(session(), await openDeltaSnapshot(path, { session: session() }));
  const found = await session().query(`SELECT ${list} AS row FROM (${relation}) ORDER BY row`);
  return found.map(({ row }) => String(row));
}

/** Rows of one day, of which a file is made. */
function day(number: number, name = "old"): string {
  return `select ${number} as id, date '2026-01-0${number}' as day, '${name}' as name`;
}

function covering(from: number, to: number): PublishOptions {
  const ranges = [{ from: `2026-01-0${from}`, to: `2026-01-0${to}` }];
  return { mode: "delete_insert", covered: { by: "day", ranges } };
}

const validity = "timestamptz '2026-01-01 00:00:00+00' as valid_from, null::timestamptz as valid_to";

function version(id: number, name: string, moment: number): string {
  return `select ${id} as id, '${name}' as name, timestamptz '2026-01-0${moment} 00:00:00+00' as valid_from, null::timestamptz as valid_to`;
}

function history(moment: number): PublishOptions {
  return {
    mode: "scd2",
    key: ["id"],
    history: {
      validFrom: "valid_from",
      validTo: "valid_to",
      moment: `2026-01-0${moment} 00:00:00+00`,
      ignored: [],
      closesAbsent: false,
    },
  };
}

describe("delete_insert", () => {
  test("only files with rows of the window are written again, and only for rows that stay", async () => {
    await publish(session(), path, day(1));
    await publish(session(), path, `${day(2)} union all ${day(3)}`);
    await publish(session(), path, day(4));
    const before = await files();
    const result = await publish(session(), path, day(3, "new"), covering(3, 4));
    expect(result).toMatchObject({ addedFiles: 2, removedFiles: 1, rowCount: 4 });
    const after = new Set(await files());
    expect(before.map((file) => after.has(file))).toEqual([true, false, true]);
    expect(await rows("id || name")).toEqual(["1old", "2old", "3new", "4old"]);
  });

  test("a file with nothing but rows of the window leaves, and nothing is written for it", async () => {
    await publish(session(), path, day(1));
    await publish(session(), path, day(2));
    const result = await publish(session(), path, `${day(2)} where false`, covering(2, 3));
    expect(result).toMatchObject({ committed: true, addedFiles: 0, removedFiles: 1, rowCount: 1 });
    const again = await publish(session(), path, `${day(2)} where false`, covering(2, 3));
    expect(again).toMatchObject({ committed: false, rowCount: 1 });
  });

  test("a rival that comes first has its rows of the window replaced as well, and its others kept", async () => {
    await publish(session(), path, `${day(1)} union all ${day(2)}`);
    let isFirst = true;
    await publish(session(), path, day(2, "new"), {
      ...covering(2, 3),
      onIntent: async () => {
        if (isFirst) await publish(session(), path, `${day(2, "rival")} union all ${day(5, "rival")}`);
        isFirst = false;
      },
    });
    expect(await rows("id || name")).toEqual(["1old", "2new", "5rival"]);
  });

  test("partitions by the column are replaced without reading others", async () => {
    const layout = { partitionBy: ["day"] };
    await publish(session(), path, `${day(1)} union all ${day(2)} union all ${day(3)}`, layout);
    const result = await publish(session(), path, day(2, "new"), { ...covering(2, 4), ...layout });
    expect(result).toMatchObject({ addedFiles: 1, removedFiles: 2, rowCount: 2 });
    expect(await rows("id || name")).toEqual(["1old", "2new"]);
  });
});

describe("insert_only", () => {
  test("removes no file, and adds one with nothing but new keys", async () => {
    await publish(session(), path, "select i as id from range(100) t(i)");
    const staged = "select i as id from range(90, 110) t(i)";
    const result = await publish(session(), path, staged, { mode: "insert_only", key: ["id"] });
    expect(result).toMatchObject({ addedFiles: 1, removedFiles: 0, rowCount: 110 });
    const again = await publish(session(), path, staged, { mode: "insert_only", key: ["id"] });
    expect(again).toMatchObject({ committed: false, rowCount: 110 });
  });

  test("a rival that has added the keys first is not doubled", async () => {
    await publish(session(), path, "select 1 as id, 'old' as name");
    const mode: PublishOptions = { mode: "insert_only", key: ["id"] };
    let isFirst = true;
    await publish(session(), path, "select 2 as id, 'own' as name union all select 3, 'own'", {
      ...mode,
      onIntent: async () => {
        if (isFirst) await publish(session(), path, "select 2 as id, 'rival' as name", mode);
        isFirst = false;
      },
    });
    expect(await rows("id || name")).toEqual(["1old", "2rival", "3own"]);
  });
});

describe("scd2", () => {
  test("files without a version that opens or closes stay, those of closed versions included", async () => {
    await publish(session(), path, `select i as id, 'old' as name, ${validity} from range(10) t(i)`);
    await publish(session(), path, `select i as id, 'old' as name, ${validity} from range(10, 20) t(i)`);
    await publish(session(), path, version(3, "new", 2), history(2));
    const before = await files();
    const result = await publish(session(), path, version(12, "new", 3), history(3));
    expect(result).toMatchObject({ removedFiles: 1, addedFiles: 1, rowCount: 22 });
    expect((await files()).filter((file) => before.includes(file))).toHaveLength(before.length - 1);
    const same = await publish(session(), path, version(12, "new", 4), history(4));
    expect(same).toMatchObject({ committed: false, rowCount: 22 });
  });

  test("a rival that opens a version later makes the run come too late", async () => {
    await publish(session(), path, version(1, "old", 1), history(1));
    let isFirst = true;
    const late = publish(session(), path, version(1, "new", 2), {
      ...history(2),
      onIntent: async () => {
        if (isFirst) await publish(session(), path, version(1, "rival", 3), history(3));
        isFirst = false;
      },
    });
    await expect(late).rejects.toMatchObject({ code: "HISTORY_OUT_OF_ORDER" });
    expect(await rows("name || coalesce(day(valid_to)::varchar, '')")).toEqual(["old3", "rival"]);
  });
});
