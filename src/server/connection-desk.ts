// Defines what the server needs for people who look at connections, try one, or register one; the composition root provides it.
import type { QuotaWindow } from "../core/connection/quota-window.ts";

/** A connection that is declared or registered, without its secrets. */
export interface KnownConnection {
  readonly name: string;
  readonly source: "configuration" | "store";
  /** Such as `http`. */
  readonly kind: string;
  readonly address: string;
  /** Kind of auth. */
  readonly auth: string | undefined;
  /** Absent without a limit, and where the settings cannot be read here. */
  readonly requests?: QuotaWindow;
}

export interface TrialRequest {
  /** Relative to the address of the connection. */
  readonly url: string;
  /** Whether answers that are kept of the connection here are forgotten. The request is sent in any case. */
  readonly fresh: boolean;
}

/** What an answer was like, without a word of it. */
export interface ConnectionTrial {
  readonly address: string;
  readonly isGood: boolean;
  /** What came: of a place of files how many there are, of a database its version. */
  readonly outcome:
    | { readonly status: number; readonly bytes: number }
    | { readonly files: number }
    | { readonly server: string };
  readonly durationMs: number;
}

export interface ConnectionDesk {
  /** By name. */
  list(): Promise<readonly KnownConnection[]>;
  /** Sends one GET as a job would, whatever status comes. @throws MillraceError as the connection does */
  test(name: string, request: TrialRequest): Promise<ConnectionTrial>;
  /** @returns its version @throws MillraceError `CONFIG_INVALID` without a word of what is under it, `CONNECTION_TAKEN` */
  add(name: string, options: unknown, call: { readonly by: string; readonly replace: boolean }): Promise<number>;
  /** @returns whether it was registered */
  remove(name: string): Promise<boolean>;
  /**
   * Seals registered connections and tokens with the newest key. @returns how many it has sealed, and how many were already
   * @throws MillraceError `SECRET_UNREADABLE` for the first that does not open, when all others are done
   */
  rekey(): Promise<{ readonly renewed: number; readonly current: number }>;
}
