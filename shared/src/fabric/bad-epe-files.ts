import type { BadFile } from "./bad-files.ts";

/** examples/quick.yaml with a second upstream and this section is what the table changes. */
export const GOOD_EPE = `
epe:
  measure: { cycleS: 30, probes: 5, from: [blue-sfc, green-sfc] }
  never: { prefixes: [3fff:666::/32], as: [64666] }
  destinations:
    list:
      - { prefix: 3fff:250::/32, address: 3fff:250::1 }
      - { prefix: "3fff:251::/32", address: "3FFF:251:0::80", protocol: tcp, port: 443 }
    sources:
      - { file: /etc/vsix/destinations.txt, refreshS: 600 }
      - { url: "https://noc.example.net/destinations", maxEntries: 500 }
  objective:
    weights: { rtt: 1, asPathHop: 2, cost: 1 }
    limits: { rttMs: 300, lossPercent: 5, cost: 20 }
  prefer: [xe-sfc/wide]
  avoid: [xe-sfc/wide.2]
  peers:
    xe-sfc/wide: { cost: 5, capacityMbps: 1000 }
    xe-sfc/beta: { cost: 10, capacityMbps: 500, detourAtPercent: 80 }
    xe-sfc/wide.2: { cost: 30 }
  capacity: { detourAtPercent: 90, restoreAtPercent: 70 }
  decide: { cycles: 12, holdS: 300 }
  rules:
    voice:
      precedence: 10
      match: { edges: [edge-1], protocol: udp, ports: { from: 5060, to: 5061 }, dscp: 46 }
      objective: { weights: { jitter: 4 } }
      prefer: [xe-sfc/beta]
    lab:
      precedence: 20
      match: { sources: [2001:db8:1:5::/64], destinations: [3fff:250::/32] }
`;

const VOICE = "match: { edges: [edge-1], protocol: udp, ports: { from: 5060, to: 5061 }, dscp: 46 }";
const LAB = "match: { sources: [2001:db8:1:5::/64], destinations: [3fff:250::/32] }";

export const BAD_EPE_FILES: readonly BadFile[] = [
  [
    "a peer preferred and avoided",
    "avoid: [xe-sfc/wide.2]",
    "avoid: [xe-sfc/wide]",
    [["avoid:", /xe-sfc\/wide is preferred and avoided/]],
  ],
  [
    "a peer preferred and avoided by a rule",
    "prefer: [xe-sfc/beta]",
    "avoid: [xe-sfc/beta]\n      prefer: [xe-sfc/beta]",
    [["avoid: [xe-sfc/beta]", /preferred and avoided/]],
  ],
  [
    "every peer avoided",
    "  prefer: [xe-sfc/wide]\n  avoid: [xe-sfc/wide.2]",
    "  avoid: [xe-sfc/wide, xe-sfc/beta, xe-sfc/wide.2]",
    [["avoid:", /every egress peer is avoided/]],
  ],
  [
    "a peer misspelt",
    "prefer: [xe-sfc/wide]",
    "prefer: [xe-sfc/wid]",
    [["prefer: [xe-sfc/wid]", /no egress peer xe-sfc\/wid; did you mean xe-sfc\/wide\?/]],
  ],
  [
    "a third link of two",
    "xe-sfc/wide.2: {",
    "xe-sfc/wide.3: {",
    [["xe-sfc/wide.3", /no egress peer xe-sfc\/wide.3/]],
  ],
  [
    "a peer that is no peer's name",
    "prefer: [xe-sfc/beta]",
    "prefer: [beta]",
    [["prefer: [beta]", /"beta" does not fit/]],
  ],
  [
    "a peer's key that is none",
    "xe-sfc/wide.2: {",
    "beta: {",
    [["    beta: {", /"beta" does not fit \(An egress peer/]],
  ],
  [
    "a limit that no peer satisfies",
    "cost: 20 }",
    "cost: 4 }",
    [["limits:", /no egress peer costs so little; the cheapest costs 5/]],
  ],
  [
    "a limit that is never broken",
    "rttMs: 300",
    "rttMs: 1000",
    [["limits:", /longer than timeoutMs \(1000\)/]],
  ],
  ["a limit that nothing satisfies", "rttMs: 300", "rttMs: 0", [["limits:", /no path is so quick/]]],
  [
    "weights of nothing",
    "{ rtt: 1, asPathHop: 2, cost: 1 }",
    "{ rtt: 0, jitter: 0, lossPercent: 0 }",
    [["weights: { rtt: 0", /every weight is 0/]],
  ],
  [
    "restoring above detouring",
    "restoreAtPercent: 70",
    "restoreAtPercent: 90",
    [["capacity: {", /restoreAtPercent \(90\) must be less/]],
  ],
  [
    "restoring above a peer's own detouring",
    "detourAtPercent: 80",
    "detourAtPercent: 60",
    [["xe-sfc/beta: {", /restoreAtPercent \(70\) must be less than detourAtPercent \(60\)/]],
  ],
  [
    "no hysteresis",
    "holdS: 300",
    "keepGainMs: 3",
    [["decide:", /keepGainMs \(3\) must be less than minimumGainMs \(3\)/]],
  ],
  [
    "an error that nothing reaches",
    "holdS: 300",
    "error: 0.0002",
    [["decide:", /12 cycles can never be surer than 0.00024/]],
  ],
  [
    "losses over fewer cycles",
    "holdS: 300",
    "lossCycles: 10",
    [["decide:", /lossCycles \(10\) must be no less than cycles \(12\)/]],
  ],
  [
    "a failure forgotten at once",
    "holdS: 300",
    "rememberS: 60",
    [["decide:", /rememberS \(60\) must be no less than the check/]],
  ],
  [
    "rules that meet at one precedence",
    "precedence: 20",
    "precedence: 10",
    [
      [
        "precedence: 10\n      match: { sources",
        /lab and voice have precedence 10 and match the same packets/,
      ],
    ],
  ],
  [
    "a rule behind a wider one",
    LAB,
    "match: { edges: [edge-1], dscp: 46, protocol: udp, ports: { from: 5061, to: 5061 } }",
    [["    lab:", /voice \(precedence 10\) matches all that lab does/]],
  ],
  [
    "ports of no protocol",
    "protocol: udp, ports",
    "ports",
    [["match: { edges", /only tcp and udp have ports/]],
  ],
  [
    "ports upside down",
    "{ from: 5060, to: 5061 }",
    "{ from: 5062, to: 5061 }",
    [["match: { edges", /from 5062 to 5061 is nothing/]],
  ],
  [
    "a source that is nobody's",
    "2001:db8:1:5::/64",
    "2001:db9:1:5::/64",
    [["match: { sources", /2001:db9:1:5::\/64 is not ours/]],
  ],
  [
    "a rule for our own",
    "destinations: [3fff:250::/32] }",
    "destinations: [2001:db8:1::/48] }",
    [["match: { sources", /lies in our own 2001:db8::\/32/]],
  ],
  [
    "a rule for what is never probed",
    "destinations: [3fff:250::/32] }",
    "destinations: [3fff:666:1::/48] }",
    [["match: { sources", /`never` forbids to probe/]],
  ],
  [
    "a rule for an Edge that is none",
    "edges: [edge-1]",
    "edges: [xe-sfc]",
    [["match: { edges", /xe-sfc has role external-edge; here goes one of role edge/]],
  ],
  ["a rule without a match", VOICE, "match: {}", [["match: {}", /is not a mapping|at least/]]],
  [
    "a rule named default",
    "    lab:",
    "    default:",
    [["    default:", /`default` is the name of what no rule matches/]],
  ],
  [
    "a destination that is never probed",
    "3fff:250::/32, address: 3fff:250::1",
    "3fff:666:1::/48, address: 3fff:666:1::1",
    [["3fff:666:1::1", /lies in 3fff:666::\/32, which `never` forbids to probe/]],
  ],
  [
    "a destination of our own",
    "3fff:250::/32, address: 3fff:250::1",
    "2001:db8:1::/48, address: 3fff:250::1",
    [
      ["address: 3fff:250::1", /overlaps our own/],
      ["address: 3fff:250::1", /does not lie in/],
    ],
  ],
  [
    "a destination twice",
    '"3fff:251::/32", address: "3FFF:251:0::80"',
    "3fff:250::/32, address: 3fff:250::2",
    [["3fff:250::2", /already destination 1/]],
  ],
  [
    "an address of somebody else",
    "address: 3fff:250::1",
    "address: 3fff:252::1",
    [["3fff:252::1", /does not lie in 3fff:250::\/32/]],
  ],
  [
    "an address that is none",
    "address: 3fff:250::1",
    "address: 192.0.2.1",
    [["192.0.2.1", /is not an IPv6 address/]],
  ],
  [
    "everything as a destination",
    "prefix: 3fff:250::/32",
    'prefix: "::/0"',
    [['"::/0"', /::\/0 is everything/]],
  ],
  ["a port of an echo", "protocol: tcp, port", "port", [["3FFF:251", /`port` means nothing for icmp6/]]],
  [
    "a source with a password",
    "https://noc.example",
    "https://me:secret@noc.example",
    [["url:", /no user and no password/]],
  ],
  ["a source in the clear", "https://noc", "http://noc", [["url:", /begins with https/]]],
  [
    "a source that is both",
    "file: /etc",
    'url: "https://a.example/", file: /etc',
    [["file: /etc", /`file` or `url`, and not both/]],
  ],
  ["a source somewhere", "file: /etc/vsix", "file: etc/vsix", [["file: etc", /no absolute path/]]],
  [
    "cycles that run into each other",
    "cycleS: 30, probes: 5",
    "cycleS: 1, maxPacketsPerDestinationPerS: 1000",
    [["measure:", /timeoutMs \(1000\) must be less than a cycle/]],
  ],
  [
    "more probes than a destination bears",
    "cycleS: 30",
    "maxPacketsPerDestinationPerS: 0.5",
    [["measure:", /18 packets a cycle to each destination .* at least 0.6/]],
  ],
  [
    "more probes than a node may send",
    "probes: 5",
    "probes: 31, maxPacketsPerS: 5",
    [["measure:", /192 packets a cycle .* at least 7/]],
  ],
  [
    "full probes that are smaller",
    "probes: 5",
    "fullSize: 100",
    [["measure:", /fullSize \(100\) must be no less than size/]],
  ],
  [
    "an Edge that measures",
    "from: [blue-sfc, green-sfc]",
    "from: [edge-1]",
    [["from: [edge-1]", /edge-1 has role edge; .* the controller's own \(controller: true\)/]],
  ],
  [
    "a node that is not there",
    "from: [blue-sfc, green-sfc]",
    "from: [blue-sfx]",
    [["from: [blue-sfx]", /no node blue-sfx; did you mean blue-sfc/]],
  ],
];
