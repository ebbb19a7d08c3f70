// Sentences of the orchestrator with their code as code and their runs as links. Nothing in them is ever markup.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { splitRichText } from "./split-rich-text.ts";

/** Text with `code` in backticks and run ids such as r42. */
export function RichText({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {splitRichText(text).map(({ kind, text: part }, index) =>
        kind === "code" ? (
          <code key={index}>{part}</code>
        ) : kind === "run" ? (
          <Link key={index} to="/runs/$runId" params={{ runId: part }}>
            {part}
          </Link>
        ) : (
          part
        ),
      )}
    </>
  );
}
