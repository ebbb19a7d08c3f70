// What was found at one place of rows, such as `home.city`: enough to give it a type without a second look at the rows.

/** Bits of `Place.kinds`. */
export const kindBits = { null: 1, boolean: 2, integer: 4, number: 8, text: 16, object: 32, list: 64 } as const;

/** An object below the top with more keys is a map, whose keys are data. */
export const maxKeys = 200;

/** A place in rows. It changes while rows are read. */
export interface Place {
  kinds: number;
  /** Fields in the order in which they came first; present when an object was there. */
  fields: Field[] | undefined;
  byName: Map<string, Field> | undefined;
  /** Takes the place of `fields` when an object has so many that they are data. */
  values: Place | undefined;
  element: Place | undefined;
  /** Most digits before and behind the point of a number. */
  wholeDigits: number;
  scaleDigits: number;
  /** Whether a number was written with an exponent, is no 64-bit integer, cannot be held by a double. */
  hasExponent: boolean;
  isBeyondInteger: boolean;
  isBeyondDouble: boolean;
  /** Whether numbers were put into quotes and marked. */
  isQuoted: boolean;
  /** Forms of dates that all texts have so far, as bits; -1 before the first text. */
  dateForms: number;
}

/** A field of an object. */
export interface Field {
  readonly name: string;
  /** As it is written most often, without quotes. */
  readonly bytes: Uint8Array;
  readonly index: number;
  readonly place: Place;
  /** The last object that had it, for keys that come twice. */
  seenIn: number;
  /** The other field whose name differs in case only. */
  twin: Field | undefined;
  /** The last page that had it, how many did, and the first of them. */
  seenOn: number;
  pages: number;
  firstPage: number;
}

export function createPlace(): Place {
  return {
    kinds: 0,
    fields: undefined,
    byName: undefined,
    values: undefined,
    element: undefined,
    wholeDigits: 0,
    scaleDigits: 0,
    hasExponent: false,
    isBeyondInteger: false,
    isBeyondDouble: false,
    isQuoted: false,
    dateForms: -1,
  };
}

/** Adds a field behind those that are there. */
export function addField(place: Place, name: string, bytes: Uint8Array): Field {
  place.fields ??= [];
  place.byName ??= new Map();
  const index = place.fields.length;
  const twin = place.fields.find((other) => other.name.toLowerCase() === name.toLowerCase());
  const field: Field = { name, bytes, index, place: createPlace(), seenIn: 0, twin, seenOn: 0, pages: 0, firstPage: 0 };
  if (twin !== undefined) twin.twin ??= field;
  place.fields.push(field);
  place.byName.set(name, field);
  return field;
}

/** From now on fields of the place are data: what was found of them becomes what was found of any. */
export function turnIntoValues(place: Place): Place {
  place.values = createPlace();
  for (const field of place.fields ?? []) mergePlace(place.values, field.place);
  place.fields = undefined;
  place.byName = undefined;
  return place.values;
}

/** Adds all that was found at another place. @param isTop whether it is that of rows, whose fields are columns however many they are */
export function mergePlace(into: Place, other: Place, isTop = false): void {
  into.kinds |= other.kinds;
  into.wholeDigits = Math.max(into.wholeDigits, other.wholeDigits);
  into.scaleDigits = Math.max(into.scaleDigits, other.scaleDigits);
  into.hasExponent ||= other.hasExponent;
  into.isBeyondInteger ||= other.isBeyondInteger;
  into.isBeyondDouble ||= other.isBeyondDouble;
  into.isQuoted ||= other.isQuoted;
  into.dateForms &= other.dateForms;
  if (other.element !== undefined) mergePlace((into.element ??= createPlace()), other.element);
  // what is data at one of them is data at both
  if (other.values !== undefined) mergePlace(into.values ?? turnIntoValues(into), other.values);
  for (const field of other.fields ?? []) {
    if (into.values !== undefined) {
      mergePlace(into.values, field.place);
      continue;
    }
    const known = into.byName?.get(field.name);
    if (known === undefined && !isTop && (into.fields?.length ?? 0) >= maxKeys) {
      mergePlace(turnIntoValues(into), field.place);
      continue;
    }
    const own = known ?? addField(into, field.name, field.bytes);
    own.pages += field.pages;
    own.firstPage = known === undefined ? field.firstPage : Math.min(known.firstPage, field.firstPage);
    mergePlace(own.place, field.place);
  }
}
