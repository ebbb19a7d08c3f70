// `--record` and `--playback` of a run.
import { resolve } from "node:path";
import type { ExchangeTape } from "../../../connections/http/exchange-tape.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CommandContext } from "../../command-context.ts";
import { formatCountOf } from "../../print/format-value.ts";

export interface TapeOptions {
  readonly record?: string;
  readonly playback?: string;
}

/** Disposing it waits until what was recorded is in its files. */
export interface OpenTape extends AsyncDisposable {
  /** Absent when exchanges are neither recorded nor played. */
  readonly tape: ExchangeTape | undefined;
  /** What a person should know when the run has ended. */
  notes(): readonly string[];
}

/** Folders are relative to the current one. @throws MillraceError `USAGE_INVALID` */
export async function openTape({ cwd }: CommandContext, { record, playback }: TapeOptions): Promise<OpenTape> {
  if (record !== undefined && playback !== undefined) {
    throw new MillraceError("USAGE_INVALID", "expected `--record` or `--playback`, got both");
  }
  if (record !== undefined) return await openRecorder(resolve(cwd, record));
  if (playback !== undefined) return await openPlayer(resolve(cwd, playback));
  return { tape: undefined, notes: () => [], [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function openRecorder(folder: string): Promise<OpenTape> {
  const { recordExchanges } = await import("../../../connections/tape/record-exchanges.ts");
  const tape = await recordExchanges(folder);
  return {
    tape,
    notes: () => [`recorded ${formatCountOf(tape.count, "exchange")} in ${folder}`],
    [Symbol.asyncDispose]: () => tape[Symbol.asyncDispose](),
  };
}

async function openPlayer(folder: string): Promise<OpenTape> {
  const { playExchanges } = await import("../../../connections/tape/play-exchanges.ts");
  const tape = await playExchanges(folder);
  return {
    tape,
    notes: () => {
      const unused = tape.unused();
      if (unused.length === 0) return [];
      const shown = unused.slice(0, 3).join(", ");
      return [
        `${formatCountOf(unused.length, "recorded request")} not asked for: ${shown}${unused.length > 3 ? ", …" : ""}`,
      ];
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
