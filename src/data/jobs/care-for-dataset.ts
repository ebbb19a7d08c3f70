// Looks after the tables of a dataset without a change of its rows, as its formats can.
import { mkdir } from "node:fs/promises";
import type { OptimizeOptions, OptimizeResult, VacuumOptions, VacuumResult } from "../../core/dataset/dataset-care.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { type Duration, formatDuration, parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { parseSize } from "../../core/size.ts";
import { findDataset } from "../datasets/dataset-catalog.ts";
import { findIntended } from "../publish/recover-staging.ts";
import type { PublishScope } from "../publish/publish-scope.ts";
import { choosePlaceBeside } from "../publish/staging-place.ts";
import { withPublication } from "../publish/with-publication.ts";
import type { TableCare } from "../target.ts";
import { findTargetFormat, nameFormatsThat } from "../targets/target-registry.ts";

/** @throws MillraceError `DATASET_UNKNOWN`, `TARGET_UNSUPPORTED` where no table keeps files that nobody needs, `VALUE_INVALID` */
export async function vacuumDataset(
  dataset: string,
  { retain, force = false, dryRun = false }: VacuumOptions,
  scope: PublishScope,
): Promise<VacuumResult> {
  const retainMs = retain === undefined ? undefined : parseDuration(retain, "retain");
  const { engine, catalog, paths, signal, failpoint } = scope;
  await using session = await engine.open();
  let sum: VacuumResult = { deletedFiles: 0, deletedBytes: 0, deletedLogFiles: 0, retained: "0ms", dryRun };
  for (const { location, care } of await findTables(dataset, scope)) {
    scope.operation(`vacuuming ${dataset}`);
    const found = await care.vacuum(location, {
      session,
      ...(retainMs === undefined ? {} : { retainMs }),
      force,
      dryRun,
      listIntended: () => findIntended(paths.staging),
      now: () => scope.now(),
      assertHeld: () => catalog.assertHeld(),
      signal,
      failpoint,
    });
    sum = {
      deletedFiles: sum.deletedFiles + found.deletedFiles,
      deletedBytes: sum.deletedBytes + found.deletedBytes,
      deletedLogFiles: sum.deletedLogFiles + found.deletedLogFiles,
      retained: formatDuration(found.retainMs) as Duration,
      dryRun,
    };
  }
  return sum;
}

const usualSize = "128MB";

/** @throws MillraceError as `vacuumDataset`, and `TARGET_CONFLICT` when others change the table all the time */
export async function optimizeDataset(
  dataset: string,
  { sort = [], targetSize = usualSize, dryRun = false }: OptimizeOptions,
  scope: PublishScope,
): Promise<OptimizeResult> {
  const targetBytes = parseSize(targetSize);
  if (targetBytes < 1) throw new MillraceError("VALUE_INVALID", `expected a size above zero, got: \`${targetSize}\``);
  const { catalog, signal, failpoint } = scope;
  const tables = await findTables(dataset, scope);
  return await withPublication(scope, dataset, async ({ session, folder, journal }) => {
    let sum = { removedFiles: 0, removedBytes: 0, addedFiles: 0, addedBytes: 0, skippedFiles: 0 };
    for (const { location, care } of tables) {
      scope.operation(`optimizing ${dataset}`);
      const stagingFolder = await choosePlaceBeside(location.path, { scope, dataset, folder, journal });
      await mkdir(stagingFolder, { recursive: true });
      const found = await care.optimize(location, {
        session,
        sort,
        targetBytes,
        dryRun,
        stagingFolder,
        intend: (intent) => journal.intend(intent),
        assertHeld: () => catalog.assertHeld(),
        signal,
        failpoint,
      });
      sum = {
        removedFiles: sum.removedFiles + found.removedFiles,
        removedBytes: sum.removedBytes + found.removedBytes,
        addedFiles: sum.addedFiles + found.addedFiles,
        addedBytes: sum.addedBytes + found.addedBytes,
        skippedFiles: sum.skippedFiles + found.skippedFiles,
      };
    }
    return { ...sum, dryRun };
  });
}

interface KeptTable {
  readonly location: DatasetLocation;
  readonly care: TableCare;
}

async function findTables(dataset: string, { catalog }: PublishScope): Promise<readonly KeptTable[]> {
  const { locations } = await findDataset(catalog, dataset);
  const tables = locations.flatMap((location) => {
    const { care } = findTargetFormat(location.format);
    return care === undefined ? [] : [{ location, care }];
  });
  if (tables.length > 0) return tables;
  const formats = locations.map(({ format }) => format).join(", ");
  throw new MillraceError(
    "TARGET_UNSUPPORTED",
    `dataset \`${dataset}\` has no table that keeps earlier versions, got: \`${formats}\``,
    { hint: `a ${nameFormatsThat("keepsVersions")} table has files that nobody needs any more, and small ones` },
  );
}
