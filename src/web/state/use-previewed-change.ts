// A change that is looked at before it is made: preview, then apply. When somebody else was faster (409), nothing is applied,
// and the caller shows what changed before the person decides again.
import { useState } from "react";
import { refusalOf } from "../../client/refusal.ts";

export interface PreviewedChange<Result> {
  readonly preview: Result | null;
  readonly error: unknown;
  /** Refused with 409: the version is no longer the newest, or the run is in another state. */
  readonly isConflict: boolean;
  readonly isBusy: boolean;
  /** Asks the server what would happen. */
  readonly ask: () => Promise<void>;
  /** Does it; true when it is done. */
  readonly apply: () => Promise<boolean>;
  /** What was asked no longer counts, since an input changed. */
  readonly forget: () => void;
}

/** `send` with `true` only previews. `onConflict` loads the newest state. */
export function usePreviewedChange<Result>(
  send: (isPreview: boolean) => Promise<Result>,
  onConflict: () => void,
): PreviewedChange<Result> {
  const [preview, setPreview] = useState<Result | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isConflict = refusalOf(error)?.status === 409;
  const attempt = async (isPreview: boolean): Promise<Result | null> => {
    setBusy(true);
    setError(null);
    try {
      return await send(isPreview);
    } catch (failure) {
      setError(failure);
      setPreview(null);
      if (refusalOf(failure)?.status === 409) onConflict();
      return null;
    } finally {
      setBusy(false);
    }
  };
  return {
    preview,
    error,
    isConflict,
    isBusy,
    ask: async () => setPreview(await attempt(true)),
    apply: async () => (await attempt(false)) !== null,
    forget: () => {
      setPreview(null);
      setError(null);
    },
  };
}
