// The remote jobs of a source, for a run: they are gone on with when it is opened, and deleted when it is over.
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { SourceUnit } from "../../../core/dataset/source.ts";
import type { RemoteOptions } from "./request-options.ts";
import type { SourceOpening } from "../../source.ts";
import { openRemoteJournal } from "./open-journal.ts";
import type { HttpSourceOptions } from "./options.ts";
import { connectedClient, createPageClient, type PageClient } from "./page-client.ts";
import { type PreparedRequests, where } from "./prepare-requests.ts";
import { nameOf, RemoteService } from "./remote-job.ts";
import { RemoteJobs } from "./remote-jobs.ts";

/** @throws MillraceError `SOURCE_PENDING` unless the jobs of all units are done */
export async function openRemote(
  http: HttpSourceOptions,
  opening: SourceOpening,
  prepared: PreparedRequests,
  client: PageClient,
): Promise<RemoteJobs | undefined> {
  const { remote } = http;
  if (remote === undefined) return undefined;
  const units = listUnits(opening);
  opening.reading.afterwards?.(async () => await cleanUp(http, remote, opening, prepared));
  const service = openService(http, remote, opening, prepared, client);
  const jobs = new RemoteJobs(service, {
    results: remote.results,
    isAddress: /^\{\{\s*remote\.result\s*\}\}$/.test(http.url),
    limit: remote.limit ?? units.length,
    isWhole: opening.reading.isWhole === true || prepared.isWhole,
    signal: opening.signal,
    now: () => opening.now(),
  });
  opening.operation("asking for remote jobs");
  await jobs.advance(units);
  return jobs;
}

/** Deletes the jobs that the run has created. What cannot be deleted is told, and fails nothing. */
async function cleanUp(
  http: HttpSourceOptions,
  remote: RemoteOptions,
  opening: SourceOpening,
  prepared: PreparedRequests,
): Promise<void> {
  if (remote.cleanup === undefined) return;
  await using client = openClient(http, opening, prepared);
  const service = openService(http, remote, opening, prepared, client);
  for (const unit of listUnits(opening)) {
    try {
      const job = await service.find(unit);
      if (job !== undefined) await service.delete(job);
    } catch (error) {
      opening.warn(`${nameOf(unit)}the remote job was not deleted: ${classifyError(error).message}`);
    }
  }
}

/** The client of the requests of a source. */
export function openClient(
  http: HttpSourceOptions,
  opening: SourceOpening,
  { connection }: PreparedRequests,
): PageClient {
  return connection === undefined ? createPageClient(http, where, opening) : connectedClient(connection);
}

function listUnits({ reading }: SourceOpening): readonly SourceUnit[] {
  if (reading.payload !== undefined) {
    throw new MillraceError(
      "JOB_INVALID",
      `${where} has remote jobs, which carry no rows of input \`${reading.payload.name}\``,
      {
        hint: "send the rows with a job of their own",
      },
    );
  }
  const units = reading.units ?? [{ key: "", variables: {} }];
  if (!units.some(({ variables }) => "remote" in variables)) return units;
  throw new MillraceError(
    "JOB_INVALID",
    `an input of the job is named \`remote\`, as the variables of remote jobs are`,
    {
      hint: "give the input another name",
    },
  );
}

function openService(
  http: HttpSourceOptions,
  remote: RemoteOptions,
  opening: SourceOpening,
  { connection, secretScopes }: PreparedRequests,
  client: PageClient,
): RemoteService {
  return new RemoteService({
    http,
    remote,
    baseUrl: connection?.baseUrl,
    journal: openRemoteJournal(http, remote, opening),
    context: {
      client,
      secretScopes,
      signal: opening.signal,
      observer: opening.observer,
      now: () => opening.now(),
      warn: (message) => opening.warn(message),
      onStale: () => undefined,
    },
  });
}
