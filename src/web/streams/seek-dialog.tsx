// Puts a group to another place: the place, what that would mean, and only then the change.
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState, type ReactElement } from "react";
import type { GroupDetail, SeekGroup, SoughtGroup } from "../../api/streams/group.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { call } from "../queries/api-client.ts";
import { keyOf } from "../queries/use-api.ts";
import { ReasonField } from "../state/reason-field.tsx";

export function SeekButton({ detail }: { readonly detail: GroupDetail }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Seek…
      </button>
      {isOpen ? <SeekDialog detail={detail} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

type Place = "start" | "end" | "time";

interface SeekDialogProps {
  readonly detail: GroupDetail;
  readonly onClose: () => void;
}

function SeekDialog({ detail: { group }, onClose }: SeekDialogProps): ReactElement {
  const [place, setPlace] = useState<Place>("time");
  const [time, setTime] = useState("");
  const [reason, setReason] = useState("");
  const { preview, error, ask, forget } = useSeek(group);
  const toast = useToast();
  const client = useQueryClient();
  const atMs = Date.parse(time);
  const isReady = place !== "time" || !Number.isNaN(atMs);
  const body: SeekGroup = {
    ...(place === "time" ? { at: isReady ? new Date(atMs).toISOString() : time } : { to: place }),
    ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
  };
  const apply = async (): Promise<void> => {
    if ((await ask(body)) === undefined) return;
    await client.invalidateQueries({ queryKey: keyOf("showGroup") });
    toast({ tone: "good", text: `${group} goes on from there` });
    onClose();
  };
  return (
    <Dialog isOpen title={`Put ${group} to another place`} onClose={onClose}>
      <form className="form" onSubmit={(event) => event.preventDefault()}>
        <PlaceFields
          {...{ place, time }}
          onChange={(nextPlace, nextTime) => {
            setPlace(nextPlace);
            setTime(nextTime);
            forget();
          }}
        />
        <ReasonField label="Reason (kept in the audit)" value={reason} onChange={setReason} />
        {preview === undefined ? null : <Preview sought={preview} />}
        {error === undefined ? null : <ErrorState error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button"
            disabled={!isReady}
            onClick={() => void ask({ ...body, preview: true })}
          >
            Preview
          </button>
          <button
            type="button"
            className="button button-danger"
            disabled={preview === undefined || preview.moves.length === 0}
            onClick={() => void apply()}
          >
            Seek
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface PlaceFieldsProps {
  readonly place: Place;
  readonly time: string;
  readonly onChange: (place: Place, time: string) => void;
}

function PlaceFields({ place, time, onChange }: PlaceFieldsProps): ReactElement {
  const id = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}-place`}>Where to</label>
        <select id={`${id}-place`} value={place} onChange={(event) => onChange(event.target.value as Place, time)}>
          <option value="time">The first record at or after a time</option>
          <option value="start">The start: all that can still be read is handled again</option>
          <option value="end">The end: what waits is passed over</option>
        </select>
      </div>
      {place === "time" ? (
        <div className="field">
          <label htmlFor={`${id}-time`}>Time, such as 2026-03-01T06:00Z</label>
          <input
            id={`${id}-time`}
            value={time}
            spellCheck={false}
            onChange={(event) => onChange(place, event.target.value)}
          />
        </div>
      ) : null}
    </>
  );
}

function Preview({ sought: { moves, again, skipped } }: { readonly sought: SoughtGroup }): ReactElement {
  return (
    <section aria-label="What would happen" aria-live="polite">
      <p>
        {moves.length === 0 ? "It is there already. " : null}
        {again === 0 ? null : `${formatCount(again)} records are handled again. `}
        {skipped === 0 ? null : `${formatCount(skipped)} records are passed over. `}
      </p>
      <ul>
        {moves.map(({ topic, partition, from, to }) => (
          <li key={`${topic}/${partition}`} className="number">
            {topic}/{partition}: {from} → {to}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Seek {
  readonly preview: SoughtGroup | undefined;
  readonly error: unknown;
  /** Undefined where it was refused. */
  readonly ask: (body: SeekGroup) => Promise<SoughtGroup | undefined>;
  readonly forget: () => void;
}

function useSeek(group: string): Seek {
  const [preview, setPreview] = useState<SoughtGroup>();
  const [error, setError] = useState<unknown>();
  const ask = async (body: SeekGroup): Promise<SoughtGroup | undefined> => {
    setError(undefined);
    try {
      const sought = await call("seekGroup", { params: { group }, body });
      setPreview(sought);
      return sought;
    } catch (failure) {
      setError(failure);
      return undefined;
    }
  };
  return { preview, error, ask, forget: () => setPreview(undefined) };
}
