import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  parseLoadavg,
  parseMeminfo,
  parseTemperature,
  parseUptime,
  printable,
  systemName,
  versionIn,
} from "./parse.ts";

test("figures are read as the kernel writes them", () => {
  const meminfo =
    "MemTotal:        1933312 kB\nMemFree:          100 kB\nMemAvailable:    1464844 kB\nSwapTotal: 524284 kB\nSwapFree:  4 kB\n";
  assert.deepEqual(parseMeminfo(meminfo), {
    totalOctets: 1_979_711_488,
    availableOctets: 1_500_000_256,
    swapTotalOctets: 536_866_816,
    swapFreeOctets: 4096,
  });
  assert.equal(parseMeminfo(meminfo.replace(/^MemAvailable.*$/m, "")), undefined);
  assert.deepEqual(parseLoadavg("14.12 13.56 10.15 17/481 3707\n"), [14.12, 13.56, 10.15]);
  assert.equal(parseUptime("51646.49 20386.74\n"), 51646);
  assert.equal(parseTemperature("51600\n"), 51.6);
  assert.equal(parseTemperature("-274000\n"), undefined);
  assert.equal(parseTemperature("N/A"), undefined);
});

test("a system is named with its point release, where it is a Debian", () => {
  const release = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\n';
  assert.equal(systemName(release, "13.1\n"), "Debian GNU/Linux 13 (trixie), 13.1");
  assert.equal(systemName(release, ""), "Debian GNU/Linux 13 (trixie)");
  assert.equal(systemName("PRETTY_NAME=Alpine\n", "13.1"), "Alpine");
  assert.equal(systemName("", "13.1"), undefined);
});

test("versions are found in what programs say of themselves", () => {
  const said = [
    ["gobgpd version 3.36.0\n", "3.36.0"],
    ["nftables v1.1.3 (Commodore Bullmoose #4)\n", "1.1.3"],
    ["Version 1.22.0\n\nConfigure line: --build=x86_64-linux-gnu", "1.22.0"],
    ["2.6.3\n", "2.6.3"],
    ["0.9.5-1+deb13u1", "0.9.5-1+deb13u1"],
    ["Try `tayga --help' for more information.", undefined],
  ] as const;
  for (const [text, version] of said) assert.equal(versionIn(text), version);
});

test("nothing that a machine calls itself reaches a terminal as more than a line of text", () => {
  const hostile = fc.oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 400 }));
  fc.assert(
    fc.property(hostile, hostile, (a, b) => {
      for (const text of [printable(a), systemName(`PRETTY_NAME="${a}"`, b), versionIn(a)])
        assert.match(text ?? "x", /^[!-~]([ -~]{0,118}[!-~])?$/);
      for (const figure of [parseMeminfo(a), parseLoadavg(a), parseUptime(a), parseTemperature(a)])
        assert.doesNotThrow(() => JSON.stringify(figure));
    }),
  );
  assert.equal(printable("\u0000Raspberry\u001b[2J  Pi\n"), "Raspberry [2J Pi");
});
