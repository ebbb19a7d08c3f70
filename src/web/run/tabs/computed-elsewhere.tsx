// Where a cluster has computed rows of a run, in the words of its log, with the address of the cluster's own screens to follow.
import type { ReactElement } from "react";
import type { ComputedElsewhere as Place } from "../../../api/run.ts";
import { splitLinks } from "../logs/split-links.ts";
import { RichText } from "../rich-text.tsx";

/** @param job of the page, which goes without saying */
export function ComputedElsewhere({
  places,
  job,
}: {
  readonly places: readonly Place[];
  readonly job: string;
}): ReactElement {
  return (
    <ul className="warnings">
      {places.map(({ dataset, job_name: name, where, operation }) => (
        <li key={`${name} ${dataset}`}>
          {name === job ? null : <strong>{name} </strong>}
          <RichText text={`\`${dataset}\`: `} />
          {splitLinks(where).map(({ text, isLink }, index) =>
            isLink ? (
              <a key={index} href={text} target="_blank" rel="noreferrer">
                {text}
              </a>
            ) : (
              <RichText key={index} text={text} />
            ),
          )}
          {operation === null ? null : <RichText text={`, operation \`${operation}\``} />}
        </li>
      ))}
    </ul>
  );
}
