// Which engine types a check may compare: values of different kinds would be cast to each other row by row, and one that
// cannot be cast would end the run with an error of the engine that names no check.

const families: readonly (readonly [family: string, type: RegExp])[] = [
  ["number", /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE|BIGNUM)$/],
  ["text", /^(VARCHAR|ENUM\(.*)$/s],
  ["date or time", /^(DATE|TIMESTAMP.*)$/],
];

/** Whether every value of one type can be compared with every value of the other. */
export function areComparable(first: string, second: string): boolean {
  return first === second || familyOf(first) === familyOf(second);
}

/** Whether the type is one of numbers. */
export function isNumeric(type: string): boolean {
  return familyOf(type) === "number";
}

/** Whether the type has a value that is not a number, which no bound holds. */
export function hasNaN(type: string): boolean {
  return type === "FLOAT" || type === "DOUBLE";
}

function familyOf(type: string): string {
  return families.find(([, pattern]) => pattern.test(type) && !type.endsWith("]"))?.[0] ?? type;
}
