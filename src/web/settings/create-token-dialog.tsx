// Makes a token and shows its secret, this once: closing the dialog forgets it.
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { roles, type Role } from "../../api/role.ts";
import { type CreatedToken } from "../../api/session.ts";
import { CopyCommand } from "../components/actions/copy-command.tsx";
import { Dialog } from "../components/actions/dialog.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { call } from "../queries/api-client.ts";

export interface CreateTokenDialogProps {
  readonly onClose: () => void;
  readonly onCreated: () => void;
}

const mayDo: Readonly<Record<Role, string>> = {
  viewer: "reads everything",
  operator: "also starts, stops and retries",
  editor: "also changes schedules, state and limits",
  admin: "also forces, and keeps tokens",
};

const lifetimes = ["1d", "7d", "30d", "90d", "365d"] as const;

/** Open while it is mounted. */
export function CreateTokenDialog({ onClose, onCreated }: CreateTokenDialogProps): ReactElement {
  const [created, setCreated] = useState<CreatedToken | null>(null);
  return (
    <Dialog isOpen title={created === null ? "New token" : `Token ${created.name}`} onClose={onClose}>
      {created === null ? (
        <TokenForm
          onClose={onClose}
          onCreated={(token) => {
            setCreated(token);
            onCreated();
          }}
        />
      ) : (
        <div className="form">
          <p>
            <strong>Copy it now: it is not shown again.</strong> Whoever has it may act as {created.role}.
          </p>
          <CopyCommand command={created.secret} />
          <div className="dialog-actions">
            <button type="button" className="button button-primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

interface TokenFormProps {
  readonly onClose: () => void;
  readonly onCreated: (token: CreatedToken) => void;
}

function TokenForm({ onClose, onCreated }: TokenFormProps): ReactElement {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [lifetime, setLifetime] = useState<string>("90d");
  const [error, setError] = useState<unknown>(null);
  const id = useId();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      onCreated(await call("createToken", { body: { name: name.trim(), role, expires_in: lifetime } }));
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor={`${id}-name`}>Name (who or what calls)</label>
        <input
          id={`${id}-name`}
          value={name}
          required
          maxLength={100}
          autoFocus
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <fieldset className="choices">
        <legend>Role</legend>
        {roles.map((each) => (
          <label key={each}>
            <input type="radio" name={`${id}-role`} checked={role === each} onChange={() => setRole(each)} />
            <span>
              {each} <span className="muted">{mayDo[each]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="field">
        <label htmlFor={`${id}-lifetime`}>Expires after</label>
        <select id={`${id}-lifetime`} value={lifetime} onChange={(event) => setLifetime(event.target.value)}>
          {lifetimes.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </div>
      {error === null ? null : <ErrorState error={error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button button-primary" disabled={name.trim() === ""}>
          <Icon name="plus" /> Make token
        </button>
      </div>
    </form>
  );
}
