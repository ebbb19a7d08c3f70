import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteGround } from "../tests/chaos/sqlite-ground.ts";
import { createPostgresGround } from "../tests/chaos/postgres-ground.ts";
import { runChaos } from "../tests/chaos/chaos-run.ts";
const [store, kills, runs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const folder = await mkdtemp(join(tmpdir(), "millrace-chaos-"));
await using ground =
  store === "sqlite"
    ? await createSqliteGround(folder, { shortMs: 300 })
    : await createPostgresGround({ shortMs: 300 });
const result = await runChaos({
  ground,
  folder,
  kills,
  runs,
  seed: 1,
  workers: 3,
  schedulers: 2,
  poisons: 1,
  gapMs: 500,
  stopMs: { min: 1000, max: 4000 },
  spinMs: 3000,
  leaseTtlMs: 2500,
  skewMs: 1500,
  onProgress: (l) => console.log(l),
});
console.log(result);
console.log(folder);
