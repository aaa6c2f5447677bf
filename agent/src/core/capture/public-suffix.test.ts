import { strict as assert } from "node:assert";
import { test } from "node:test";
import { domainToASCII } from "node:url";
import { formatName, parseName } from "@vsix/shared/dns/name.ts";
import { PublicSuffixes } from "./public-suffix.ts";

const LIST = `// ===BEGIN ICANN DOMAINS===
com
jp
co.jp
*.kobe.jp
!city.kobe.jp
公司.cn
cn
github.io
`;
const suffixes = new PublicSuffixes(LIST, domainToASCII);
const registrable = (name: string): string =>
  formatName(suffixes.registrable(parseName(name) ?? assert.fail(name)));

test("one label more than the public suffix is kept, by the list's own examples", () => {
  assert.equal(registrable("a.b.example.com"), "example.com");
  assert.equal(registrable("example.com"), "example.com");
  assert.equal(registrable("com"), "com");
  assert.equal(registrable("www.example.co.jp"), "example.co.jp");
  assert.equal(registrable("www.c.kobe.jp"), "www.c.kobe.jp");
  assert.equal(registrable("a.www.c.kobe.jp"), "www.c.kobe.jp");
  assert.equal(registrable("www.city.kobe.jp"), "city.kobe.jp");
  assert.equal(registrable("someone.github.io"), "someone.github.io");
  assert.equal(registrable(`x.y.${domainToASCII("公司.cn")}`), `y.${domainToASCII("公司.cn")}`);
});

test("a top-level domain that the list has not is a suffix, and the root stays the root", () => {
  assert.equal(registrable("a.b.internal"), "b.internal");
  assert.equal(registrable("."), ".");
});
