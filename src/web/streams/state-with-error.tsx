// A state, and the sentence that says why where it is a failure.
import type { ReactElement } from "react";
import { MessageText } from "../components/tables/message-text.tsx";
import type { StateAppearance } from "../components/values/state-appearance.ts";
import { StateMark } from "../components/values/state-mark.tsx";

export function StateWithError({
  look,
  error,
}: {
  readonly look: StateAppearance;
  readonly error: string | null;
}): ReactElement {
  return (
    <span>
      <StateMark {...look} />
      {error === null ? null : (
        <>
          {" "}
          <MessageText text={error} />
        </>
      )}
    </span>
  );
}
