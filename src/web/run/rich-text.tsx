// Sentences of the orchestrator with their code as code, their runs as links and their instants in the zone of the reader. Nothing in them is ever markup.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Instant } from "../components/values/time.tsx";
import { splitRichText } from "./split-rich-text.ts";

/** Text with `code` in backticks, run ids such as r42, and instants in UTC. */
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
        ) : kind === "instant" ? (
          <Instant key={index} at={part} />
        ) : (
          part
        ),
      )}
    </>
  );
}
