// The types of columns from what was found at the places of rows, by the rules of JSON files: a type only where every value,
// written back, is the one that came.
import { isWidening } from "../../../compute/widen-type.ts";
import { dateForms } from "../../pages/date-forms.ts";
import { kindBits, type Place } from "../../pages/key-place.ts";
import { createShape, findMaps, isJsonText, type JsonScalar, type JsonShape } from "./json-shape.ts";
import { isNumeric } from "./json-types.ts";

/** A place as the JSON reader knows it, with the one that it was made from. */
export type PlacesOfShapes = Map<JsonShape, Place>;

/** The shape of a place and all below it. @param places gets an entry for each */
export function toShape(place: Place, places: PlacesOfShapes): JsonShape {
  const shape = createShape();
  places.set(shape, place);
  for (const [bit, scalar] of scalarBits) if ((place.kinds & bit) !== 0) shape.scalars.add(scalar);
  if ((place.kinds & kindBits.object) !== 0 && place.values === undefined) {
    shape.fields = new Map((place.fields ?? []).map((field) => [field.name, toShape(field.place, places)]));
  }
  if (place.values !== undefined) shape.values = toShape(place.values, places);
  if ((place.kinds & kindBits.list) !== 0 && place.element !== undefined)
    shape.element = toShape(place.element, places);
  findMaps(shape);
  return shape;
}

/** Gives each place of dates, and of numbers, its type, unless the table has given one already. */
export function findTypes(places: PlacesOfShapes): void {
  for (const [shape, place] of places) {
    if (shape.type !== undefined || isJsonText(shape)) continue;
    const type = isNumeric(shape.scalars) ? numberType(place, shape.wanted) : dateType(shape, place);
    if (type !== undefined) shape.type = type;
  }
}

/** Whether a number within the place was put into quotes. */
export function hasQuoted(place: Place): boolean {
  if (place.isQuoted) return true;
  const below = [place.element, place.values, ...(place.fields ?? []).map((field) => field.place)];
  return below.some((one) => one !== undefined && hasQuoted(one));
}

const scalarBits: readonly (readonly [number, JsonScalar])[] = [
  [kindBits.boolean, "boolean"],
  [kindBits.integer, "integer"],
  [kindBits.number, "number"],
  [kindBits.text, "text"],
];

function dateType({ scalars }: JsonShape, { dateForms: forms }: Place): string | undefined {
  if (scalars.size !== 1 || !scalars.has("text") || forms <= 0) return undefined;
  return dateForms[Math.log2(forms)]?.type;
}

function numberType(place: Place, wanted: string | undefined): string {
  const { wholeDigits: whole, scaleDigits: scale, hasExponent, isBeyondInteger, isBeyondDouble } = place;
  const isPlain = !hasExponent && whole + scale <= 38;
  if (isPlain && wanted !== undefined && isWidening(`DECIMAL(${Math.max(whole + scale, 1)},${scale})`, wanted))
    return wanted;
  if (wanted === "DOUBLE" && !isBeyondDouble) return wanted;
  if ((place.kinds & kindBits.number) === 0 && !isBeyondInteger) return "BIGINT";
  if (isPlain && scale === 0) return "DECIMAL(38,0)";
  if (!isBeyondDouble) return "DOUBLE";
  return isPlain ? `DECIMAL(38,${scale})` : "VARCHAR";
}
