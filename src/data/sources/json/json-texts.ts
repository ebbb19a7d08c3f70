// Texts of JSON that are dates or instants: only in ISO form, and only when every value, written back, is the text that came.
import type { EngineSession } from "../../../compute/engine.ts";
import type { Documents } from "./json-documents.ts";
import { type JsonPlace, valuesSql } from "./json-places.ts";

/** Gives places of nothing but dates, or of nothing but instants of one form, their type. Others stay text. */
export async function findDates(
  session: EngineSession,
  documents: Documents,
  places: readonly JsonPlace[],
): Promise<void> {
  let candidates: Candidate[] = places
    .filter(
      ({ shape, paths }) =>
        paths.length > 0 && shape.type === undefined && shape.scalars.size === 1 && shape.scalars.has("text"),
    )
    .flatMap((place) => forms.map((form) => ({ place, form })));
  // most texts are told by the first documents, so that few places are looked at as a whole
  for (const limit of [" LIMIT 1000", ""]) {
    candidates = await keepFitting(session, `${documents}${limit}`, candidates);
  }
  for (const { place, form } of candidates) place.shape.type = form.type;
}

interface Candidate {
  readonly place: JsonPlace;
  readonly form: Form;
}

/** How a type is written, over the SQL name `t` of a text. */
interface Form {
  readonly type: string;
  readonly fits: string;
}

const zones = ["", "Z", "+00:00", "+00"];

/** A whole column has one form, so that what was written can be told from what is held. */
const forms: readonly Form[] = [
  { type: "DATE", fits: "length(t) = 10 AND TRY_CAST(t AS DATE)::VARCHAR = t" },
  ...["T", " "].flatMap((separator) => zones.map((zone) => instantForm(separator, zone))),
];

/** Seconds are numbers: `10:00:00.50` is `10:00:00.5`. */
function instantForm(separator: string, zone: string): Form {
  const time = `left(t, length(t) - ${zone.length})`;
  const canonical = `CASE WHEN contains(t, '.') THEN rtrim(rtrim(${time}, '0'), '.') ELSE ${time} END`;
  const written = `replace(TRY_CAST(${time} AS TIMESTAMP)::VARCHAR, ' ', '${separator}')`;
  return {
    type: zone === "" ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE",
    fits: `t[11] = '${separator}' AND ends_with(t, '${zone}') AND ${written} = ${canonical}`,
  };
}

async function keepFitting(
  session: EngineSession,
  documents: Documents,
  candidates: readonly Candidate[],
): Promise<Candidate[]> {
  if (candidates.length === 0) return [];
  const wrong = candidates.map(({ place, form }, index) => {
    const misfits = `list_filter(${valuesSql(place.paths, "json_extract_string")}, lambda t: NOT coalesce(${form.fits}, t IS NULL))`;
    return `coalesce(bool_or(len(${misfits}) > 0), false) AS c${index}`;
  });
  const [found = {}] = await session.query(`SELECT ${wrong.join(", ")} FROM (${documents})`);
  return candidates.filter((_, index) => found[`c${index}`] === false);
}
