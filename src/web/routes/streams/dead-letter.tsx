// The screen of one record that could not be handled: what it is, what went wrong, and what may become of it.
import "../../styles/panels.css";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { DeadLetterDetail } from "../../../api/streams/dead-letter.ts";
import { ActionButton } from "../../components/actions/action-button.tsx";
import { PageHeader } from "../../components/frame/page-header.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { MessageText } from "../../components/tables/message-text.tsx";
import { Fact } from "../../components/values/fact.tsx";
import { RunLink } from "../../components/values/run-link.tsx";
import { Instant } from "../../components/values/time.tsx";
import { leastRole, mayCall } from "../../queries/permissions.ts";
import { useRole } from "../../queries/session.ts";
import { keyOf, useApi } from "../../queries/use-api.ts";
import { discardAction, retryAction } from "../../streams/dead-letter-actions.ts";
import { EditButton } from "../../streams/edit-dialog.tsx";
import { LetterState } from "../../streams/letter-state.tsx";
import { RecordFacts } from "../../streams/record-view.tsx";

const route = getRouteApi("/streams/dead-letters/$letter");

/** By its number in the address. */
export function DeadLetterScreen(): ReactElement {
  const { letter } = route.useParams();
  const id = Number(letter);
  const isAllowed = mayCall(useRole(), "showDeadLetter");
  const { data, error, refetch } = useApi(
    "showDeadLetter",
    { params: { dead_letter_id: id } },
    { enabled: isAllowed, refetchMs: 10_000 },
  );
  return (
    <div className="screen">
      <PageHeader
        title={`Dead letter ${letter}`}
        beside={data === undefined ? undefined : <LetterState state={data.state} />}
        above={
          <Link to="/streams" search={{ tab: "dead-letters" }}>
            Dead letters
          </Link>
        }
        actions={data === undefined || data.state !== "open" ? undefined : <Decisions detail={data} />}
      />
      {isAllowed ? null : (
        <EmptyState title={`What is in records is for the role ${leastRole("showDeadLetter")}`} icon="info" />
      )}
      {!isAllowed || data !== undefined ? null : error === null ? (
        <Skeleton lines={10} label="Loading the record" />
      ) : (
        <ErrorState error={error} retry={() => void refetch()} />
      )}
      {data === undefined ? null : <Sections detail={data} />}
    </div>
  );
}

function Decisions({ detail }: { readonly detail: DeadLetterDetail }): ReactElement {
  const role = useRole();
  const client = useQueryClient();
  const done = (): void => {
    for (const name of ["showDeadLetter", "listDeadLetters", "showGroup"] as const) {
      void client.invalidateQueries({ queryKey: keyOf(name) });
    }
  };
  return (
    <>
      <ActionButton action={retryAction(detail, role, done)} look="primary" />
      {mayCall(role, "retryDeadLetters") ? <EditButton detail={detail} onDone={done} /> : null}
      <ActionButton action={discardAction(detail, role, done)} />
    </>
  );
}

function Sections({ detail }: { readonly detail: DeadLetterDetail }): ReactElement {
  const { topic, partition, offset, group, error, attempts, run_id: runId, at, code, record_at: recordAt } = detail;
  return (
    <>
      <section className="card" aria-labelledby="failure-title">
        <h2 id="failure-title">What went wrong</h2>
        <p>
          <MessageText text={error.message} /> <span className="muted">{error.code}</span>
        </p>
        <dl className="facts">
          <Fact name="Group">
            <Link to="/streams/groups/$group" params={{ group }}>
              {group}
            </Link>
          </Fact>
          <Fact name="Record">
            <Link to="/streams/topics/$topic" params={{ topic }} search={{ partition, offset }} className="number">
              {topic}/{partition}@{offset}
            </Link>
          </Fact>
          <Fact name="Tries">
            <span className="number">{attempts}</span>
          </Fact>
          <Fact name="Given up by">
            <RunLink runId={runId} />
          </Fact>
          <Fact name="Given up">
            <Instant at={at} />
          </Fact>
          <Fact name="Code">
            <code className="truncate">{code}</code>
          </Fact>
        </dl>
      </section>
      <section className="card" aria-labelledby="record-title">
        <h2 id="record-title">Record</h2>
        <RecordFacts record={{ at: recordAt, key: detail.key, value: detail.value, headers: detail.headers }} />
      </section>
    </>
  );
}
