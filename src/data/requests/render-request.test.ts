import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { parseAddress, renderAddress } from "./request-address.ts";
import { encodeParameters, parseValue, renderJson, renderParameters, type TemplateValue } from "./request-body.ts";
import type { Variables } from "./variables.ts";

const where = "`url`";

function address(url: string, variables: Variables): string {
  return renderAddress(parseAddress(url, where), variables, where).href;
}

function json(value: TemplateValue, variables: Variables): string {
  return renderJson(parseValue(value, "`body`"), variables, "`body`");
}

function query(value: TemplateValue, variables: Variables): string {
  return encodeParameters(renderParameters(parseValue(value, "`query`"), variables, "`query`"));
}

test("a value is encoded where it stands: in a path, and in the query of an address", () => {
  const variables = { id: "a/b?c#d e", startDate: "2019-11-01 12:00:00" };
  expect(address("https://api.test/calls/{{id}}/x?start={{ startDate }}&all=1", variables)).toBe(
    "https://api.test/calls/a%2Fb%3Fc%23d%20e/x?start=2019-11-01+12%3A00%3A00&all=1",
  );
});

test("a parameter in an address is left out when its optional variable is absent", () => {
  expect(address("https://api.test/calls?cursor={{page.cursor?}}&n=1", { page: {} })).toBe(
    "https://api.test/calls?n=1",
  );
});

test("a variable at the beginning of an address holds scheme and host", () => {
  const variables = { token: { instance_url: "https://eu.api.test/base/" }, id: "7" };
  expect(address("{{token.instance_url}}/v1/{{id}}", variables)).toBe("https://eu.api.test/base/v1/7");
  expectThrown(() => address("{{token.instance_url}}/v1", { token: { instance_url: "ftp://x" } }), "JOB_INVALID");
});

test("a value within the host cannot end the host", () => {
  expect(address("https://{{shop}}.api.test/v1", { shop: "a-b" })).toBe("https://a-b.api.test/v1");
  expectThrown(() => address("https://{{shop}}.api.test/v1", { shop: "evil.test/" }), "VARIABLE_UNRESOLVED");
});

test("a required variable without a value fails and names the nearest that has one", () => {
  const failure = expectThrown(
    () => address("https://api.test/{{token.acces_token}}", { token: { access_token: "t" } }),
    "VARIABLE_UNRESOLVED",
  );
  expect(failure.message).toBe("variable `{{token.acces_token}}` in `url` has no value, did you mean `access_token`?");
  for (const value of [null, undefined]) {
    expectThrown(() => address("https://api.test/x?a={{a}}", { a: value }), "VARIABLE_UNRESOLVED");
  }
});

test("what objects inherit is no variable", () => {
  expectThrown(() => address("https://api.test/{{constructor.name}}", {}), "VARIABLE_UNRESOLVED");
});

test("an empty value, `.` and `..` in a path fail, since they would ask for another address", () => {
  for (const id of ["", ".", "..", "%2e%2e"]) {
    const result = (): string => address("https://api.test/x/{{id}}/y", { id });
    if (id === "%2e%2e") expect(result()).toBe("https://api.test/x/%252e%252e/y");
    else expectThrown(result, "VARIABLE_UNRESOLVED");
  }
});

test("an optional variable in a path, an address of another kind and braces that are no variable are refused", () => {
  for (const url of [
    "https://api.test/{{id?}}",
    "ftp://api.test",
    "/calls",
    "https://api.test/#a",
    "https://a.test/{{}}",
  ]) {
    expectThrown(() => parseAddress(url, where), "JOB_INVALID");
  }
});

test("braces behind a backslash go to the service as they are", () => {
  expect(json({ name: "\\{{Activity.CreatedAt}} of {{id}}" }, { id: 1 })).toBe(
    '{"name":"{{Activity.CreatedAt}} of 1"}',
  );
});

test("a value keeps its kind in a JSON body: a text of digits stays a text, a large number keeps its digits", () => {
  const variables = { a: "00123", b: 12_345_678_901_234_567_890n, c: true, d: ["1", 2], e: { f: null } };
  expect(json({ a: "{{a}}", b: "{{b}}", c: "{{c}}", d: "{{d}}", e: "{{e}}", t: "x{{b}}", n: 1.5 }, variables)).toBe(
    '{"a":"00123","b":12345678901234567890,"c":true,"d":["1",2],"e":{"f":null},"t":"x12345678901234567890","n":1.5}',
  );
});

test("a field or an item of a body is left out when its optional variable is absent, null is sent as it is", () => {
  expect(json({ a: "{{x?}}", b: [1, "{{x?}}"], c: null, d: "p{{x?}}" }, {})).toBe('{"b":[1],"c":null}');
});

test("parameters are encoded as forms write them; lists are sent several times; absent ones are not sent", () => {
  const variables = { from: "2026-01-01T00:00:00Z", ids: ["a&b", 2], none: undefined };
  expect(
    query({ from: "{{from}}", id: "{{ids}}", tag: ["x", "y z"], cursor: "{{none?}}", n: 5, no: null }, variables),
  ).toBe("from=2026-01-01T00%3A00%3A00Z&id=a%26b&id=2&tag=x&tag=y+z&n=5");
  expect(query({ q: "{{empty}}" }, { empty: "" })).toBe("q=");
});

test("an object within parameters, and a list within a text, are refused", () => {
  expectThrown(() => query({ a: { b: 1 } }, {}), "JOB_INVALID");
  expectThrown(() => query({ a: "x{{l}}" }, { l: [1] }), "VARIABLE_UNRESOLVED");
});
