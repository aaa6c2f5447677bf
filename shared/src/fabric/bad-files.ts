/** Wrong fabric files as a table, for parse.test.ts. */

/** What to change in examples/quick.yaml, and then: text in the line of each fault, and what it says. */
export type BadFile = readonly [
  title: string,
  from: string,
  to: string,
  faults: readonly (readonly [lineHas: string, says: RegExp])[],
];

const EDGE_1 =
  "edge-1: { id: 11, role: edge, site: sfc, as: 65001, prefixes: [2001:db8:1::/48], prefers: blue }";
const LINK_XE_WIDE = "- { ends: [xe-sfc, wide] }";

export const BAD_FILES: readonly BadFile[] = [
  ["a version from the future", "version: 1", "version: 2", [["version: 2", /version 2 is not known/]]],
  ["no name", "name: quick\n", "", [["version: 1", /`name` is missing/]]],
  [
    "a word nobody knows",
    "sites: [sfc]",
    "site: [sfc]",
    [
      ["version: 1", /`sites` is missing/],
      ["site: [sfc]", /`site` is not known here; did you mean sites\?/],
    ],
  ],
  ["an AS number in words", "as: 4690", "as: wide", [["as: wide", /"wide" is not a whole number/]]],
  [
    "an AS that is a member as well",
    "as: 4690",
    "as: 65100",
    [["external:", /AS 65100 is already this network's own/]],
  ],
  [
    "two planes of one member",
    "green: { memberAs: 65102 }",
    "green: { memberAs: 65101 }",
    [["green: { memberAs", /already plane blue's member/]],
  ],
  [
    "a member AS of the Internet",
    "memberAs: 65102",
    "memberAs: 2500",
    [
      ["green: { memberAs", /AS 2500 is not private/],
      ["wide: {", /AS 2500 is already plane green's member/],
    ],
  ],
  [
    "bits beyond the length",
    "prefixes: [2001:db8::/32]",
    "prefixes: [2001:db8::1/32]",
    [["prefixes: [2001:db8::1/32]", /bits set beyond its length; the prefix is 2001:db8::\/32/]],
  ],
  [
    "an IPv4 prefix",
    "prefixes: [2001:db8:1::/48]",
    "prefixes: [192.0.2.0/24]",
    [["edge-1: {", /"192.0.2.0\/24" is not an IPv6 prefix/]],
  ],
  [
    "infrastructure of another length",
    "2001:db8:ff00::/40",
    "2001:db8:ff00::/48",
    [["infrastructure:", /infrastructure is a \/40/]],
  ],
  [
    "infrastructure of somebody else",
    "2001:db8:ff00::/40",
    "2001:db9:ff00::/40",
    [["infrastructure:", /outside of `prefixes`/]],
  ],
  [
    "infrastructure in an Edge's prefix",
    "2001:db8:1::/48",
    "2001:db8:ff05::/48",
    [["edge-1: {", /lies in 2001:db8:ff00::\/40, which is infrastructure/]],
  ],
  [
    "an Edge's prefix outside of ours",
    "2001:db8:1::/48",
    "2001:db9:1::/48",
    [["edge-1: {", /outside of `prefixes` \(2001:db8::\/32\)/]],
  ],
  [
    "two Edges with one prefix",
    "2001:db8:1::/48",
    "2001:db8:10:5::/64",
    [["edge-1: {", /lies in 2001:db8:10::\/48, which is noc's/]],
  ],
  [
    "an Edge without prefixes",
    ", prefixes: [2001:db8:1::/48]",
    "",
    [["edge-1: {", /edge edge-1 needs `prefixes`/]],
  ],
  ["an Edge without an AS", "as: 65001, ", "", [["edge-1: {", /edge edge-1 needs `as`/]]],
  ["an Edge with a public AS", "as: 65001", "as: 3333", [["edge-1: {", /AS 3333 is not private/]]],
  [
    "an Edge with a member's AS",
    "as: 65001",
    "as: 65101",
    [["edge-1: {", /AS 65101 is already plane blue's member/]],
  ],
  ["two Edges of one AS", "as: 65001", "as: 65000", [["as: 65000,\n", /AS 65000 is already edge-1's/]]],
  ["two nodes of one id", "id: 11", "id: 3", [["edge-1: {", /id 3 is already xe-sfc's/]]],
  [
    "an id that does not fit",
    "id: 11",
    "id: 4096",
    [["edge-1: {", /4096 is not a whole number from 1 to 4095/]],
  ],
  [
    "a role misspelt",
    "role: external-edge",
    "role: external",
    [["xe-sfc: {", /"external" is not one of plane, external-edge, edge, upstream/]],
  ],
  [
    "a site misspelt",
    "role: edge, site: sfc",
    "role: edge, site: scf",
    [["edge-1: {", /no site scf; did you mean sfc\?/]],
  ],
  [
    "a plane misspelt",
    "plane: green, site",
    "plane: gren, site",
    [["green-sfc: {", /no plane gren; did you mean green\?/]],
  ],
  [
    "a preference misspelt",
    "2001:db8:1::/48], prefers: blue",
    "2001:db8:1::/48], prefers: bleu",
    [["edge-1: {", /no plane bleu; did you mean blue\?/]],
  ],
  [
    "a plane on an Edge",
    "prefixes: [2001:db8:1::/48], prefers",
    "prefixes: [2001:db8:1::/48], plane",
    [["edge-1: {", /`plane` means nothing for role edge/]],
  ],
  [
    "a link to nobody",
    "- { ends: [edge-1, blue-sfc] }",
    "- { ends: [edge-1, blue-sfx] }",
    [["blue-sfx", /no node blue-sfx; did you mean blue-sfc\?/]],
  ],
  [
    "a link with one end",
    "- { ends: [edge-1, blue-sfc] }",
    "- { ends: [edge-1] }",
    [["ends: [edge-1] }", /`ends` needs at least 2 entries/]],
  ],
  [
    "a link to itself",
    LINK_XE_WIDE,
    `${LINK_XE_WIDE}\n  - { ends: [wide, wide] }`,
    [["[wide, wide]", /both ends are wide/]],
  ],
  [
    "planes joined",
    LINK_XE_WIDE,
    `${LINK_XE_WIDE}\n  - { ends: [blue-sfc, green-sfc] }`,
    [["[blue-sfc, green-sfc]", /planes are never joined/]],
  ],
  [
    "an Edge joined to an upstream",
    LINK_XE_WIDE,
    `${LINK_XE_WIDE}\n  - { ends: [edge-1, wide] }`,
    [["[edge-1, wide]", /edge-1 \(edge\) and wide \(upstream\) cannot be joined/]],
  ],
  [
    "an Edge on one plane only",
    "  - { ends: [edge-1, green-sfc] }\n",
    "",
    [["edge-1: {", /has no link to plane green; it needs one to each/]],
  ],
  [
    "an External Edge on one plane only",
    "  - { ends: [green-sfc, xe-sfc] }\n",
    "",
    [["xe-sfc: {", /has no link to plane green/]],
  ],
  [
    "a plane in pieces",
    "  xe-sfc: {",
    "  blue-two: { id: 7, role: plane, plane: blue, site: sfc }\n  xe-sfc: {",
    [
      ["blue: { memberAs", /no path inside it from blue-sfc to blue-two/],
      ["blue-two: {", /blue-two has no link at all/],
    ],
  ],
  [
    "a plane without routers",
    "  green: { memberAs: 65102 }",
    "  green: { memberAs: 65102 }\n  red: { memberAs: 65103 }",
    [
      ["red: {", /plane red has no router/],
      ["xe-sfc: {", /no link to plane red/],
      ["edge-1: {", /no link to plane red/],
      ["noc:", /no link to plane red/],
    ],
  ],
  [
    "a plane link too narrow",
    "[blue-sfc, xe-sfc] }",
    "[blue-sfc, xe-sfc], mtu: 1500 }",
    [["[blue-sfc, xe-sfc]", /mtu 1500 does not carry an Edge's 1500 \+ 64 .* at least 1564/]],
  ],
  [
    "a cost where there is none",
    "[xe-sfc, wide] }",
    "[xe-sfc, wide], cost: 5 }",
    [["[xe-sfc, wide]", /`cost` means nothing here/]],
  ],
  [
    "an interface name too long",
    "[xe-sfc, wide] }",
    "[xe-sfc, wide], interfaces: [abcdefghijklmnop, eth0] }",
    [["[xe-sfc, wide]", /"abcdefghijklmnop" does not fit/]],
  ],
  [
    "an interface name twice",
    "[xe-sfc, wide] }",
    "[xe-sfc, wide], interfaces: [to-blue-sfc, eth0] }",
    [["[xe-sfc, wide]", /xe-sfc already has an interface to-blue-sfc/]],
  ],
  [
    "a link prefix that is no /127",
    "[xe-sfc, wide] }",
    "[xe-sfc, wide], prefix: 3fff:250:1::/64 }",
    [["[xe-sfc, wide]", /a link has a \/127/]],
  ],
  [
    "a link prefix in the derived block",
    "[xe-sfc, wide] }",
    '[xe-sfc, wide], prefix: "2001:db8:ff00:1::/127" }',
    [["[xe-sfc, wide]", /lies in the block of links/]],
  ],
  ["no controller", "      controller: true,\n", "", [["nodes:", /no Edge has `controller: true`/]]],
  [
    "two controllers",
    EDGE_1,
    EDGE_1.replace(" }", ", controller: true }"),
    [["controller: true,\n", /already lives at edge-1/]],
  ],
  [
    "an upstream's prefix that is ours",
    "prefixes: [3fff:250::/32]",
    "prefixes: [2001:db8:7::/48]",
    [["wide: {", /overlaps our own 2001:db8::\/32/]],
  ],
  [
    "a hold time too short",
    "policies:",
    "policies:\n  holdS: 2",
    [["holdS: 2", /2 is not a whole number from 3 to 65535/]],
  ],
  [
    "a link's BFD too quick",
    "[xe-sfc, wide] }",
    "[xe-sfc, wide], bfd: { intervalMs: 5 } }",
    [["bfd:", /\{"intervalMs":5\} is not one of true or false, a mapping.*intervalMs: 10 to 60000/]],
  ],
  [
    "MEDs upside down",
    "policies:",
    "policies:\n  med: { preferred: 300 }",
    [["med:", /preferred < other < drained/]],
  ],
  [
    "an exception from nothing",
    '["3fff::/20"]',
    '["3fff::/20", "2001:db8::/33"]',
    [["bogons:", /2001:db8::\/33 is not on the default list/]],
  ],
  [
    "an override by nobody",
    "policies:",
    "overrides:\n  - { prefix: 3fff:1::/32, via: wide, upstream: xe-sfd }\npolicies:",
    [
      ["via: wide", /wide has role upstream; here goes one of role external-edge/],
      ["via: wide", /no node xe-sfd; did you mean xe-sfc\?/],
    ],
  ],
  [
    "a name twice",
    "  wide: {",
    "  edge-1: { id: 99, role: edge }\n  wide: {",
    [["edge-1: { id: 99", /Map keys must be unique/]],
  ],
  [
    "a bad name",
    "  wide: {",
    "  Wide_2: { role: upstream }\n  wide: {",
    [["Wide_2", /"Wide_2" cannot be a name/]],
  ],
  ["a node that is a word", EDGE_1, "edge-1: soon", [["edge-1: soon", /"soon" is not a mapping/]]],
  [
    "two mistakes in one node",
    EDGE_1,
    EDGE_1.replace("65001", "a").replace("sfc", "xxx"),
    [
      ["edge-1: {", /no site xxx/],
      ["edge-1: {", /"a" is not a whole number/],
    ],
  ],
  ["an open bracket", "sites: [sfc]", "sites: [sfc", [["nodes:", /YAML: Flow sequence/]]],
  [
    "a tab",
    "  - { ends: [edge-1, blue-sfc] }",
    "\t- { ends: [edge-1, blue-sfc] }",
    [["[edge-1, blue-sfc]", /YAML/]],
  ],
  ...measured("{}", /no target; name one/),
  ...measured("{ a: 192.0.2.1 }", /"192.0.2.1" is not an IPv6 address/),
  ...measured("{ a: 3fff:250::1/128 }", /without a length/),
  ...measured('{ a: "::1" }', /is this router itself/),
  ...measured('{ a: "::" }', /is the unspecified address/),
  ...measured("{ a: ff02::1 }", /is multicast/),
  ...measured("{ a: fe80::1 }", /is link-local/),
  ...measured('{ a: "::ffff:192.0.2.1" }', /is an IPv4 address/),
  ...measured("{ a: 2001:db8:1::1 }", /lies in 2001:db8::\/32, which is ours/),
  ...measured("{ a: 3fff:250::1, b: 3fff:250:0::1 }", /3fff:250::1 is already target a/),
  ...measured("{ A: 3fff:250::1 }", /"A" cannot be a name/),
];

/** A wrong list of targets, in the line where it stands. */
function measured(targets: string, says: RegExp): readonly BadFile[] {
  const to = `measure: { targets: ${targets} }\npolicies:`;
  return [[`targets ${targets}`, "policies:", to, [["measure:", says]]]];
}
