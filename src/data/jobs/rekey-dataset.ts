// Encrypts a dataset anew with the newest key: its own rows are staged, audited and published in the place of those that are there, as a
// run of its job would. Nothing is done where no value is under an older key, so that it can be repeated at any time.
import { join } from "node:path";
import { type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import type { DatasetOutput, DatasetVersion } from "../../core/dataset/dataset.ts";
import type { RekeyRequest, RekeyResult } from "../../core/dataset/dataset-rekey.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { findDataset } from "../datasets/dataset-catalog.ts";
import { defineVersion } from "../datasets/dataset-relation.ts";
import { isSealedLocation, renewSealedTable } from "../sealed/sealed-table.ts";
import { locateOutput, openTargets } from "../targets/target-registry.ts";
import { publishDataset } from "../publish/publish.ts";
import type { PublishScope } from "../publish/publish-scope.ts";
import { toRefreshOutput } from "../publish/refresh-output.ts";
import { withPublication } from "../publish/with-publication.ts";

/** @throws MillraceError `DATASET_UNKNOWN`, `SECRET_UNREADABLE` naming a key that is missing, and what publishing fails with */
export async function rekeyDataset(request: RekeyRequest, scope: PublishScope): Promise<RekeyResult> {
  const { dataset } = request.output;
  const version = await findDataset(scope.catalog, dataset);
  if (version.locations.every(isSealedLocation)) return await rekeySealed(request, version, scope);
  const { columns, isUnrecorded } = await lookAt(request, version, scope);
  if (!isUnrecorded && !columns.some(({ isOld }) => isOld)) {
    return { changed: false, columns: columns.map(({ name }) => name), rows: version.rowCount };
  }
  const names = columns.map(({ name }) => name);
  const output = toReplacement(request.output);
  const result = await publishDataset(
    { source: { dataset }, convert: [{ reencrypt: names }], output, onEmpty: "ok" },
    toRekeyScope(request, version, scope),
  );
  return { changed: true, columns: names, rows: result.rows };
}

/**
 * Whatever its mode, the rows take the place of those that are there: they have the columns that the mode gave them, and several
 * versions of a key.
 */
function toReplacement(output: DatasetOutput): DatasetOutput {
  const {
    by: _by,
    moment: _moment,
    validFrom: _from,
    validTo: _to,
    ignore: _ignore,
    absent: _absent,
    ...rest
  } = output;
  return toRefreshOutput(rest);
}

/** The dataset stays the one of its job. */
function toRekeyScope(request: RekeyRequest, version: DatasetVersion, scope: PublishScope): PublishScope {
  const { catalog } = scope;
  return {
    ...scope,
    run: { ...scope.run, job: request.job },
    catalog: {
      ...catalog,
      assertHeld: async () => {
        await request.assertUnchanged(version);
        await catalog.assertHeld();
      },
    },
  };
}

async function rekeySealed(request: RekeyRequest, version: DatasetVersion, scope: PublishScope): Promise<RekeyResult> {
  const { seal } = scope;
  if (seal === undefined) throw new MillraceError("INTERNAL", "there is no key to seal a dataset with");
  for (const location of version.locations) {
    await renewSealedTable(location, await seal(), async () => {
      await request.assertUnchanged(version);
      await scope.catalog.assertHeld();
    });
  }
  return { changed: true, columns: [], rows: version.rowCount };
}

interface EncryptedColumn {
  readonly name: string;
  /** Whether a value is under another key than the newest. */
  readonly isOld: boolean;
}

interface Encrypted {
  /** Columns of texts that have a value in the form of an encrypted one. */
  readonly columns: readonly EncryptedColumn[];
  /** Whether an attempt of this run has got its rows into a table, and may have died before it said so. */
  readonly isUnrecorded: boolean;
}

async function lookAt({ output }: RekeyRequest, version: DatasetVersion, scope: PublishScope): Promise<Encrypted> {
  const { dataset } = output;
  return await withPublication(scope, dataset, async ({ session, folder }) => {
    const options = { spool: join(folder, "spool"), warn: (message: string) => scope.log.warn(message) };
    await defineVersion(session, view, version, options);
    const writer = { runKey: scope.runKey, dataset };
    const published = openTargets(await locateOutput(output, scope.paths), scope.paths).map(
      async (target) => await target.hasPublished(session, writer),
    );
    return {
      columns: await findEncrypted(session, version, scope.cipher?.().newestMark ?? ""),
      isUnrecorded: (await Promise.all(published)).includes(true),
    };
  });
}

async function findEncrypted(
  session: EngineSession,
  { schema }: DatasetVersion,
  newest: string,
): Promise<readonly EncryptedColumn[]> {
  const names = schema.filter(({ type }) => type === "VARCHAR").map(({ name }) => name);
  if (names.length === 0) return [];
  const counts = await countMarks(session, names, newest);
  return names.flatMap((name, index) => {
    const { sealed = 0, old = 0 } = counts[index] ?? {};
    return sealed === 0 ? [] : [{ name, isOld: old > 0 }];
  });
}

const view = "_millrace_rekeyed";

/** A nonce and a tag are at least 38 letters. */
const sealedForm = "^mr1[.][0-9a-f]{8}[.][A-Za-z0-9_-]{38,}$";

async function countMarks(
  session: EngineSession,
  names: readonly string[],
  newest: string,
): Promise<readonly { readonly sealed: number; readonly old: number }[]> {
  const list = names.flatMap((name, index) => {
    const isSealed = `regexp_matches(${quoteIdentifier(name)}, '${sealedForm}')`;
    const isOld = `${isSealed} AND NOT starts_with(${quoteIdentifier(name)}, '${newest}')`;
    return [`count(*) FILTER (WHERE ${isSealed}) AS sealed${index}`, `count(*) FILTER (WHERE ${isOld}) AS old${index}`];
  });
  const [row] = await session.query(`SELECT ${list.join(", ")} FROM ${quoteIdentifier(view)}`);
  return names.map((_name, index) => ({ sealed: Number(row?.[`sealed${index}`]), old: Number(row?.[`old${index}`]) }));
}
