import { expect, test } from "vitest";
import { splitLinks } from "./split-links.ts";

const linksIn = (text: string): string[] => splitLinks(text).flatMap((part) => (part.isLink ? [part.text] : []));

test.each([
  ["computed on Spark 4.2.0: http://spark.internal:4040/connect/", ["http://spark.internal:4040/connect/"]],
  ["see https://a.example/x?y=1#z, and (https://b.example).", ["https://a.example/x?y=1#z", "https://b.example"]],
  ['`https://a.example/x` "https://b.example"', ["https://a.example/x", "https://b.example"]],
  ["javascript:alert(1) file:///etc sc://spark:15002 xhttps://a.example https://", []],
  ["", []],
])("addresses of the web stand out of %s", (text, expected) => {
  expect(linksIn(text)).toEqual(expected);
  expect(
    splitLinks(text)
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
});
