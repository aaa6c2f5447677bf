import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clearCookie, SESSION_COOKIE, sessionSecret, setCookie } from "./cookie.ts";

const SECRET = `${"A".repeat(42)}_`;

test("a cookie says what the prefix __Host- asks of it, and is found among others", () => {
  for (const text of [setCookie(SECRET), clearCookie()]) {
    const parts = text.split("; ");
    for (const one of ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"])
      assert.ok(parts.includes(one), one);
    assert.ok(!/domain/i.test(text));
  }
  assert.equal(sessionSecret(`a=b; ${setCookie(SECRET).split(";")[0]}; c=d`), SECRET);
});

test("two of the name, one of another shape, and one of a name like it are none", () => {
  const one = `${SESSION_COOKIE}=${SECRET}`;
  for (const header of [
    undefined,
    "",
    `${one}; ${one}`,
    `${one}; ${SESSION_COOKIE}=x`,
    `${one}x`,
    `"${one}"`,
    `x${one}`,
    `__host-vsix-session=${SECRET}`,
    `vsix-session=${SECRET}`,
  ])
    assert.equal(sessionSecret(header), undefined, header);
});

test("no header makes it throw, or find what is not of the shape", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((x) => `${SESSION_COOKIE}=${x}`),
      ),
      (header) => {
        const found = sessionSecret(header);
        assert.ok(found === undefined || /^[\w-]{43}$/.test(found));
      },
    ),
  );
});
