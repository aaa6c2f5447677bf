import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BAD_EPE_FILES, GOOD_EPE } from "./bad-epe-files.ts";
import { egressPeersOf } from "./egress-peers.ts";
import { DEFAULT_EPE } from "./epe-defaults.ts";
import { formatFault } from "./fault.ts";
import { parseFabric } from "./parse.ts";

const base = readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8")
  .replace("  wide: {", "  beta: { id: 32, role: upstream, as: 64501, prefixes: [3fff:501::/32] }\n  wide: {")
  .replace("  - { ends: [xe-sfc, wide] }", (link) => `${link}\n  - { ends: [xe-sfc, beta] }\n${link}`);
const good = base + GOOD_EPE;

function epeOf(text: string) {
  const parsed = parseFabric(text, "test.yaml");
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.faults.map(formatFault).join("\n"));
  return { fabric: parsed.fabric, epe: parsed.fabric.epe };
}

for (const [title, from, to, expected] of BAD_EPE_FILES)
  test(`a policy with ${title} is refused with every fault at its line`, () => {
    assert.ok(good.includes(from), `the policy has no ${JSON.stringify(from)}`);
    const text = good.replace(from, () => to);
    const result = parseFabric(text, "bad.yaml");
    assert.ok(!result.ok, "the file is taken");
    const shown = result.faults.map(formatFault).join("\n");
    for (const [lineHas, says] of expected) {
      const line = text.slice(0, text.indexOf(lineHas, text.indexOf("\nepe:"))).split("\n").length;
      const hit = result.faults.some((fault) => fault.line === line && says.test(fault.message));
      assert.ok(hit, `no fault at line ${line} says ${says}; said:\n${shown}`);
    }
    assert.equal(result.faults.length, expected.length, shown);
  });

test("a file without the section has none, and nothing of egress peers is measured", () => {
  assert.equal(epeOf(base).epe, undefined);
});

test("an empty section measures from every plane router, with every default, and moves nothing to nobody", () => {
  const { epe, fabric } = epeOf(`${base}\nepe: {}\n`);
  assert.ok(epe !== undefined);
  assert.deepEqual(epe.measure, { ...DEFAULT_EPE.measure, fullSize: 1500, from: ["blue-sfc", "green-sfc"] });
  assert.deepEqual(epe.decide, DEFAULT_EPE.decide);
  assert.deepEqual([epe.unannounced, epe.rules, epe.destinations.list, epe.prefer], ["never", [], [], []]);
  assert.deepEqual(
    epe.peers.map(({ name }) => name),
    egressPeersOf(fabric).map(({ name }) => name),
  );
});

test("of Edges the controller's own may measure, unless it runs no agent of ours", () => {
  const from = "from: [noc, blue-sfc]";
  const text = good.replace("from: [blue-sfc, green-sfc]", from);
  assert.deepEqual(epeOf(text).epe?.measure.from, ["noc", "blue-sfc"]);
  const result = parseFabric(text.replace("controller: true", "controller: true, software: bird"), "x.yaml");
  assert.ok(!result.ok);
  assert.match(result.faults.map(formatFault).join("\n"), /noc is not our agent's \(software: bird\)/);
});

test("what a file says is taken: canonical text, peers with their shares, rules in order of precedence", () => {
  const { epe } = epeOf(good.replace("precedence: 20", "precedence: 5"));
  assert.ok(epe !== undefined);
  assert.deepEqual(epe.destinations.list, [
    { prefix: "3fff:250::/32", address: "3fff:250::1", protocol: "icmp6" },
    { prefix: "3fff:251::/32", address: "3fff:251::80", protocol: "tcp", port: 443 },
  ]);
  assert.deepEqual(
    epe.destinations.sources.map(({ from }) => from),
    [{ file: "/etc/vsix/destinations.txt" }, { url: "https://noc.example.net/destinations" }],
  );
  assert.deepEqual(epe.peers, [
    { name: "xe-sfc/wide", cost: 5, capacityMbps: 1000, detourAt: 0.9, restoreAt: 0.7 },
    { name: "xe-sfc/beta", cost: 10, capacityMbps: 500, detourAt: 0.8, restoreAt: 0.7 },
    { name: "xe-sfc/wide.2", cost: 30, detourAt: 0.9, restoreAt: 0.7 },
  ]);
  const [lab, voice] = epe.rules;
  assert.deepEqual([lab?.name, voice?.name], ["lab", "voice"]);
  assert.deepEqual(voice?.match, {
    sources: ["2001:db8:1::/48"],
    protocol: 17,
    ports: { from: 5060, to: 5061 },
    dscp: 46,
  });
});

test("a rule inherits what it does not say, and its own word on a peer goes before the general one", () => {
  const { epe } = epeOf(good.replace("prefer: [xe-sfc/beta]", "avoid: [xe-sfc/wide]"));
  const voice = epe?.rules.find(({ name }) => name === "voice");
  assert.deepEqual(voice?.objective.weights, { rtt: 1, jitter: 4, lossPercent: 10, asPathHop: 2, cost: 1 });
  assert.deepEqual(voice?.objective.limits, { rttMs: 300, lossPercent: 5, cost: 20 });
  assert.deepEqual([voice?.prefer, voice?.avoid], [[], ["xe-sfc/wide"]]);
});
