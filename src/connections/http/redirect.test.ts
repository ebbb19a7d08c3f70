import { expect, test } from "vitest";
import type { MillraceError } from "../../core/errors/errors.ts";
import { followRedirect, type Hop } from "./redirect.ts";

const headers = {
  accept: "*/*",
  authorization: "Bearer canary",
  "x-api-key": "canary",
  cookie: "a=b",
  "content-type": "text/csv",
};

function hop(method: Hop["method"] = "GET", hasBody = false): Hop {
  return { method, url: new URL("https://api.example.com/v1/files?token=canary"), headers, hasBody };
}

function refusal(...[from, status, location, rules]: Parameters<typeof followRedirect>): MillraceError {
  try {
    followRedirect(from, status, location, rules);
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error("expected a refusal");
}

test("a redirect within the origin keeps method, body and credentials", () => {
  const next = followRedirect(hop("POST", true), 307, "/v2/files", {});
  expect(next).toEqual({ method: "POST", url: new URL("https://api.example.com/v2/files"), headers, hasBody: true });
});

test.each([301, 302, 303])("after %i a POST becomes a GET without body", (status) => {
  const next = followRedirect(hop("POST", true), status, "/done", {});
  expect([next?.method, next?.hasBody, next?.headers["content-type"]]).toEqual(["GET", false, undefined]);
});

test("an origin that is not listed is refused without secrets", () => {
  const error = refusal(hop(), 302, "https://files.example.com/x?sig=canary", {});
  expect(error.code).toBe("REDIRECT_REFUSED");
  expect(error.message).toBe(
    "GET https://api.example.com/v1/files?token=[masked]: the answer leads to `https://files.example.com`",
  );
});

test.each([
  "http://api.example.com/",
  "https://api.example.com:8443/",
  "https://example.com/",
  "file:///etc/passwd",
  "https://[bad",
])("%s is another origin", (location) => {
  expect(refusal(hop(), 302, location, {}).code).toBe("REDIRECT_REFUSED");
});

test("to a listed origin no header goes that could hold a credential", () => {
  const next = followRedirect(hop(), 302, "https://files.example.com/x", {
    redirectOrigins: ["https://files.example.com"],
  });
  expect(next?.headers).toEqual({ accept: "*/*" });
});

test("a body is not sent to another origin, also where that is listed", () => {
  const rules = { redirectOrigins: ["https://files.example.com"] };
  expect(refusal(hop("POST", true), 307, "https://files.example.com/x", rules).code).toBe("REDIRECT_REFUSED");
});

test.each([
  [200, "/x"],
  [304, "/x"],
  [300, "/x"],
  [302, undefined],
])("%i with location %s is no redirect", (status, location) => {
  expect(followRedirect(hop(), status, location, {})).toBeUndefined();
});
