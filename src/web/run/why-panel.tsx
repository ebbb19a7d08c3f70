// Why a run is where it is: a sentence, followed from run to run to what holds all of them up, with what a person can do.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Explanation } from "../../api/run.ts";
import { CopyCommand } from "../components/copy-command.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { Icon } from "../components/icon.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { StateBadge } from "../components/state-badge.tsx";
import { useApi } from "../queries/use-api.ts";
import { RichText } from "./rich-text.tsx";
import { splitRichText } from "./split-rich-text.ts";

/** Shown while a run does not execute. It asks again now and then, since time alone changes the answer. */
export function WhyPanel({ runId }: { readonly runId: string }): ReactElement {
  const why = useApi("explainRun", { params: { run_id: runId } }, { refetchMs: 10_000, keepPrevious: true });
  return (
    <section className="why" aria-label="Why?">
      <h2>
        <Icon name="question" /> Why?
      </h2>
      {why.data === undefined ? (
        why.error === null ? (
          <Skeleton lines={2} label="Finding out why" />
        ) : (
          <ErrorState error={why.error} retry={() => void why.refetch()} />
        )
      ) : (
        <Reason explanation={why.data} isFirst />
      )}
    </section>
  );
}

function Reason({
  explanation,
  isFirst = false,
}: {
  readonly explanation: Explanation;
  readonly isFirst?: boolean;
}): ReactElement {
  const { run_id: runId, job_name: name, state, summary, details, remedy, because } = explanation;
  return (
    <div className="why-reason">
      <p className="why-summary">
        {isFirst ? (
          "It "
        ) : (
          <>
            <StateBadge state={state} look="plain" />{" "}
            <Link to="/runs/$runId" params={{ runId }}>
              {name} <span className="muted">{runId}</span>
            </Link>{" "}
          </>
        )}
        <RichText text={summary} />
      </p>
      {details.length === 0 ? null : (
        <ul className="why-details">
          {details.map((detail) => (
            <li key={detail}>
              <RichText text={detail} />
            </li>
          ))}
        </ul>
      )}
      {remedy === null ? null : <Remedy text={remedy} />}
      {because.length === 0 ? null : (
        <ol className="why-because" aria-label={`What holds ${name} up`}>
          {because.map((each) => (
            <li key={each.run_id}>
              <Reason explanation={each} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Remedy({ text }: { readonly text: string }): ReactElement {
  const commands = splitRichText(text).filter(
    ({ kind, text: part }) => kind === "code" && part.startsWith("millrace "),
  );
  return (
    <div className="why-remedy">
      <p>
        <Icon name="bolt" /> <RichText text={text} />
      </p>
      {commands.map(({ text: command }) => (
        <CopyCommand key={command} command={command} />
      ))}
    </div>
  );
}
