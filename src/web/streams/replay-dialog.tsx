// Starts a replay of a group's job: where in its topics it begins and ends, and what becomes of the result.
import { useNavigate } from "@tanstack/react-router";
import { useId, useState, type FormEvent, type ReactElement } from "react";
import type { ReplayPlace, StartReplay } from "../../api/streams/replay.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { useApiAction } from "../queries/use-api.ts";
import { ReasonField } from "../state/reason-field.tsx";

export function ReplayButton({ jobName }: { readonly jobName: string }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Replay…
      </button>
      {isOpen ? <ReplayDialog jobName={jobName} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

interface ReplayDraft {
  /** Nothing: as early as the topics go; else an offset or a time. */
  readonly from: string;
  /** Nothing: where the topics end now. */
  readonly to: string;
  readonly name: string;
  readonly swap: boolean;
  readonly withEffects: boolean;
  readonly reason: string;
}

const emptyDraft: ReplayDraft = { from: "", to: "", name: "", swap: false, withEffects: false, reason: "" };

interface ReplayDialogProps {
  readonly jobName: string;
  readonly onClose: () => void;
}

function ReplayDialog({ jobName, onClose }: ReplayDialogProps): ReactElement {
  const [draft, setDraft] = useState(emptyDraft);
  const start = useApiAction("startReplay", ["listReplays"]);
  const navigate = useNavigate();
  const toast = useToast();
  const body = toBody(draft);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (body === undefined) return;
    start.mutate(
      { params: { job_name: jobName }, body },
      {
        onSuccess: ({ replay }) => {
          toast({ tone: "good", text: `${replay} has begun` });
          void navigate({ to: "/streams", search: { tab: "replays" } });
        },
      },
    );
  };
  return (
    <Dialog isOpen title={`Replay ${jobName}`} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>The code of the job runs once more over these records, beside the live group, into datasets of its own.</p>
        <ReplayFields draft={draft} onChange={(part) => setDraft((before) => ({ ...before, ...part }))} />
        {body === undefined ? (
          <p className="field-error" role="status">
            expected offsets, or times such as 2026-03-01T06:00Z
          </p>
        ) : null}
        {start.error === null ? null : <ErrorState error={start.error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button button-primary" disabled={body === undefined || start.isPending}>
            Replay
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface ReplayFieldsProps {
  readonly draft: ReplayDraft;
  readonly onChange: (part: Partial<ReplayDraft>) => void;
}

function ReplayFields({ draft, onChange }: ReplayFieldsProps): ReactElement {
  const id = useId();
  const texts = [
    ["from", "From: an offset or a time; nothing for the earliest record"],
    ["to", "To: an offset or a time; nothing for where the topics end now"],
    ["name", "Name; nothing for its number"],
  ] as const;
  const choices = [
    ["swap", "Make the result the datasets as soon as it is ready"],
    ["withEffects", "Append what handlers produce, let them use connections, and notify"],
  ] as const;
  return (
    <>
      {texts.map(([name, label]) => (
        <div className="field" key={name}>
          <label htmlFor={`${id}-${name}`}>{label}</label>
          <input
            id={`${id}-${name}`}
            value={draft[name]}
            spellCheck={false}
            onChange={(event) => onChange({ [name]: event.target.value })}
          />
        </div>
      ))}
      {choices.map(([name, label]) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={draft[name]}
            onChange={(event) => onChange({ [name]: event.target.checked })}
          />{" "}
          {label}
        </label>
      ))}
      <ReasonField
        label="Reason (kept in the audit)"
        value={draft.reason}
        onChange={(reason) => onChange({ reason })}
      />
    </>
  );
}

/** Undefined where a place is none. */
function toBody({ from, to, name, swap, withEffects, reason }: ReplayDraft): StartReplay | undefined {
  const [first, last] = [readPlace(from), readPlace(to)];
  if (first === null || last === null) return undefined;
  return {
    ...(first === undefined ? {} : { from: first }),
    ...(last === undefined ? {} : { to: last }),
    ...(name.trim() === "" ? {} : { name: name.trim() }),
    ...(swap ? { swap } : {}),
    ...(withEffects ? { with_effects: withEffects } : {}),
    ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
  };
}

/** Undefined for nothing; null for what is neither. */
function readPlace(text: string): ReplayPlace | null | undefined {
  const place = text.trim();
  if (place === "") return undefined;
  if (/^\d{1,15}$/.test(place)) return { offset: Number(place) };
  const atMs = Date.parse(place);
  return Number.isNaN(atMs) ? null : { at: new Date(atMs).toISOString() };
}
