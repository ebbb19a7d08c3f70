// A message of the server as text: what stands in backticks is shown as code, nothing else means anything.
import type { ReactElement } from "react";

/** For details, hints and sentences of the server. */
export function MessageText({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {text.split(/`([^`]+)`/).map((part, index) =>
        // Every second part was between backticks.
        index % 2 === 1 ? <code key={index}>{part}</code> : part,
      )}
    </>
  );
}
