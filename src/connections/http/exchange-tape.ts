// Defines what may stand between a request and the network: a recorder of exchanges, or a player of recorded ones.
import type { HttpRequest } from "./http-request.ts";
import type { HttpResponse } from "./http-response.ts";

export interface ExchangeTape {
  /** Whether answers come from the tape alone, so that no credentials are needed and none are asked for. */
  readonly isPlayback: boolean;
  /** Told each secret as soon as it is known. */
  onSecret(secret: string): void;
  /** The instant up to which a run of this job reads what has no other end: `now`, or that of the recording. */
  startOfReading(job: string, now: string): string;
  /** @param live sends the request */
  send(request: HttpRequest, live: () => Promise<HttpResponse>): Promise<HttpResponse>;
}
