import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { changelog, controlFile, isVersion, packageVersion, wrap } from "./control.ts";

const FIELDS = {
  package: "vsix-agent",
  version: "0.1.0",
  architecture: "arm64",
  depends: ["libc6 (>= 2.28)", "nftables"],
  recommends: [],
  suggests: ["unbound"],
  section: "net",
  summary: "agent",
  description: ["One two.", "Three."],
  installedOctets: 1025,
} as const;

test("a control file has Debian's fields in order, without those that are empty", () => {
  assert.equal(
    controlFile(FIELDS),
    `Package: vsix-agent
Version: 0.1.0
Architecture: arm64
Maintainer: vSIX developers <vsix@example.org>
Installed-Size: 2
Depends: libc6 (>= 2.28), nftables
Suggests: unbound
Section: net
Priority: optional
Description: agent
 One two.
 .
 Three.
`,
  );
});

test("no line of a description is longer than a terminal, and no word is lost", () => {
  const text = "word ".repeat(100).trim();
  const lines = wrap(text, 78);
  assert.ok(lines.every((line) => line.length <= 78));
  assert.equal(lines.join(" "), text);
});

const COMMIT = { revision: "0123456789abcdef", committedS: 1_795_000_000, tagged: false, dirty: false };

test("dpkg sorts what is built from commits by their time, and before the release", () => {
  const early = packageVersion("0.2.0", COMMIT);
  const late = packageVersion("0.2.0", { ...COMMIT, revision: "0000", committedS: COMMIT.committedS + 1 });
  const release = packageVersion("0.2.0", { ...COMMIT, tagged: true });
  assert.equal(early, "0.2.0~git20261118110640.01234567");
  assert.equal(release, "0.2.0");
  for (const [a, b] of [
    ["0.1.0", early],
    [early, late],
    [late, release],
  ] as const) {
    assert.ok(isVersion(a) && isVersion(b));
    const { status, error } = spawnSync("dpkg", ["--compare-versions", a, "lt", b]);
    assert.deepEqual([status, error], [0, undefined], `${a} < ${b}`);
  }
});

test("files that no commit has are told in the version", () => {
  assert.match(
    packageVersion("1.0", { ...COMMIT, tagged: true, dirty: true }),
    /^1\.0~git\d{14}\.01234567\+dirty$/,
  );
});

test("a version that dpkg or a shell would misread is none", () => {
  for (const text of ["", "v1", "1:2", "1-2", "1_2", "1 2", "1/../2", "1\n2"])
    assert.ok(!isVersion(text), text);
});

test("a changelog has the form of Policy 4.4, its date that of the commit", () => {
  assert.match(
    changelog("vsix-agent", "0.1.0", "abc", 0),
    /^vsix-agent \(0\.1\.0\) unstable; urgency=medium\n\n {2}\* Built from revision\n {4}abc\.\n.*\n\n -- [^<]+<\S+> {2}Thu, 01 Jan 1970 00:00:00 \+0000\n$/,
  );
});
