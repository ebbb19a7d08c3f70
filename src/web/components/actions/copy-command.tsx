// A command to type, with a button that copies it.
import { useState, type ReactElement } from "react";
import { Icon } from "../values/icon.tsx";

/** `command` without a prompt sign. */
export function CopyCommand({ command }: { readonly command: string }): ReactElement {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <span className="command">
      <code>{command}</code>
      <button
        type="button"
        className="button button-quiet button-square"
        aria-label={isCopied ? "Copied" : `Copy ${command}`}
        onClick={() => void copy()}
        onBlur={() => setCopied(false)}
      >
        <Icon name={isCopied ? "check" : "copy"} size={14} />
      </button>
    </span>
  );
}
