// Why a run is where it is: a sentence, followed from run to run to what holds all of them up, with what a person can do.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Explanation } from "../../api/run.ts";
import { CopyCommand } from "../components/actions/copy-command.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { useApi } from "../queries/use-api.ts";
import { RichText } from "./rich-text.tsx";
import { splitRichText } from "./split-rich-text.ts";

export interface WhyPanelProps {
  readonly runId: string;
  /** One line, to be opened; default false. */
  readonly isFolded?: boolean;
}

/** Shown while a run does not execute. It asks again now and then, since time alone changes the answer. */
export function WhyPanel({ runId, isFolded = false }: WhyPanelProps): ReactElement {
  const why = useApi("explainRun", { params: { run_id: runId } }, { refetchMs: 10_000, keepPrevious: true });
  const title = (
    <h2>
      <Icon name="question" /> Why?
    </h2>
  );
  if (why.data !== undefined && isFolded) {
    return (
      <details className="why">
        <summary>
          {title}
          <span className="why-summary muted">It {splitRichText(why.data.summary).map(({ text }) => text)}</span>
        </summary>
        <Reason explanation={why.data} isFirst />
      </details>
    );
  }
  return (
    <section className="why" aria-label="Why?">
      {title}
      {why.data !== undefined ? (
        <Reason explanation={why.data} isFirst />
      ) : why.error === null ? (
        <Skeleton lines={2} label="Finding out why" />
      ) : (
        <ErrorState error={why.error} retry={() => void why.refetch()} />
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

// Commands of our own are there to be copied.
function Remedy({ text }: { readonly text: string }): ReactElement {
  return (
    <div className="why-remedy">
      <p>
        <Icon name="bolt" />
        {splitRichText(text).map((part, index) =>
          part.kind === "code" && part.text.startsWith("millrace ") ? (
            <CopyCommand key={index} command={part.text} />
          ) : (
            <span key={index}>
              <RichText text={part.kind === "code" ? `\`${part.text}\`` : part.text} />
            </span>
          ),
        )}
      </p>
    </div>
  );
}
