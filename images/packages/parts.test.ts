import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { copyrightFile } from "./copyright.ts";
import { PackageError } from "./error.ts";
import { npmParts } from "./parts.ts";
import { sbom } from "./sbom.ts";

const root = mkdtempSync(join(tmpdir(), "vsix-parts-"));
after(() => rmSync(root, { recursive: true }));
function put(name: string, license: string, text?: string): string {
  const folder = `node_modules/${name}`;
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(
    join(root, folder, "package.json"),
    JSON.stringify({ name, version: "1.2.3", license, author: { name: "Somebody" } }),
  );
  if (text !== undefined) writeFileSync(join(root, folder, "LICENSE.md"), text);
  return folder;
}
const integrity = `sha512-${Buffer.from("abc").toString("base64")}`;
writeFileSync(
  join(root, "package-lock.json"),
  JSON.stringify({ packages: { "node_modules/@s/a": { integrity } } }),
);
const parts = npmParts(root, [put("@s/a", "MIT", "Permission is granted\r\n"), put("b", "Apache-2.0")]);
const [node] = npmParts(root, [put("node", "MIT", "Node's text")]);

test("a licence that nobody has looked at stops the build", () => {
  const folder = put("bad", "GPL-3.0");
  assert.throws(
    () => npmParts(root, [folder]),
    (error) => error instanceof PackageError && error.message.includes('node_modules/bad: licence "GPL-3.0"'),
  );
});

test("the copyright file names everybody, with the text that came", () => {
  assert.ok(node !== undefined);
  const text = copyrightFile("vsix-agent", node, parts);
  for (const line of ["node 1.2.3", "Node's text", "@s/a 1.2.3", "Licence: MIT", "Permission is granted"])
    assert.ok(text.includes(line), line);
  assert.match(text, /b 1\.2\.3\nLicence: Apache-2\.0\nFrom: Somebody\n\nOn Debian systems/);
});

test("the bill of materials has each part with its digest, and the package's own", () => {
  assert.ok(node !== undefined);
  const about = {
    name: "vsix-agent",
    version: "1~x",
    architecture: "arm64",
    revision: "r",
    epochS: 0,
  } as const;
  const bom = JSON.parse(sbom({ ...about, node, parts, sha256: "00" })) as {
    readonly bomFormat: string;
    readonly metadata: { readonly component: { readonly hashes: unknown } };
    readonly components: readonly { readonly purl: string; readonly hashes?: unknown }[];
  };
  assert.equal(bom.bomFormat, "CycloneDX");
  assert.deepEqual(bom.metadata.component.hashes, [{ alg: "SHA-256", content: "00" }]);
  assert.deepEqual(
    bom.components.map(({ purl, hashes }) => [purl, hashes]),
    [
      ["pkg:generic/node@1.2.3", undefined],
      ["pkg:npm/%40s/a@1.2.3", [{ alg: "SHA-512", content: "616263" }]],
      ["pkg:generic/b@1.2.3", undefined],
    ],
  );
});
