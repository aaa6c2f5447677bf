import assert from "node:assert/strict";
import { test } from "node:test";
import type { BgpPart, NeighbourPart } from "@vsix/shared/contract/part-bgp.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { compileSpeaker } from "./compile.ts";
import { refreshes } from "./effective.ts";
import type { Statement } from "./speaker.ts";

const MEMBERS = [65100, 65101, 65102];

function neighbour(
  part: Pick<NeighbourPart, "name" | "kind" | "address" | "asn"> & Partial<NeighbourPart>,
): NeighbourPart {
  const rest = { localAddress: "::", interface: "x", maxPrefixes: 10, holdS: 9, gracefulRestartS: 60 };
  return { ...rest, ...part };
}

function part(over: Partial<BgpPart>): BgpPart {
  return {
    version: 1,
    asn: 65101,
    as: 4690,
    routerId: "10.0.0.1",
    confederation: { identifier: 4690, members: MEMBERS },
    originate: [],
    neighbours: [],
    ownPrefixes: ["2001:db8::/32"],
    bogons: ["fc00::/7"],
    ...over,
  };
}

const EDGE = neighbour({
  name: "e1",
  kind: "edge",
  address: "fd00::e1",
  asn: 65001,
  accept: ["2001:db8:1::/48"],
});
const PLANE_ROUTER = part({
  neighbours: [
    EDGE,
    neighbour({ name: "e2", kind: "edge", address: "fd00::e2", asn: 65002, accept: [], table: "full" }),
    neighbour({ name: "b2", kind: "plane-internal", address: "fd00::b2", asn: 65101, id: 2, cost: 15 }),
    neighbour({ name: "xe", kind: "external-edge", address: "fd00::ee", asn: 65100, id: 9 }),
  ],
});

/** `name: conditions -> actions`, for reading. */
function line(statement: Statement): string {
  const { when, apply } = statement;
  const conditions = [
    when.neighbours?.name,
    when.prefixes?.name,
    when.asPath?.name,
    when.largeCommunities?.name,
    when.routeType,
  ];
  const actions = [
    apply.med === undefined ? undefined : `med ${apply.med.op} ${apply.med.value}`,
    apply.nextHop === undefined ? undefined : `next hop ${apply.nextHop}`,
    apply.largeCommunities === undefined
      ? undefined
      : `${apply.largeCommunities.op} ${apply.largeCommunities.list.join(" ")}`,
    apply.route,
  ];
  const text = (words: readonly (string | undefined)[]): string =>
    words.filter((word) => word !== undefined).join(", ");
  return `${statement.name}: ${text(conditions)} -> ${text(actions)}`;
}

test("A plane router's import policy, statement by statement", () => {
  const speaker = compileSpeaker({
    bgp: PLANE_ROUTER,
    nodeId: 1,
    steering: { version: 1, edges: [{ name: "e1", med: 100 }] },
  });
  assert.deepEqual(speaker.importStatements.map(line), [
    "i-local: local -> accept",
    "i-feed: n-feed -> reject",
    "i-internal-guard: n-internal, guard-own -> reject",
    "i-internal-settling: n-internal, settling -> reject",
    "i-cost-b2: n-b2 -> med add 15",
    "i-internal: n-internal, class-infrastructure-edge-default-transit -> accept",
    "i-edge-loop: n-edges, as-own -> reject",
    "i-edge-clean: n-edges -> med set 0, remove ^4690:",
    "i-edge-e1: n-e1, p-edge-e1 -> add 4690:80:3 4690:90:100, accept",
    "i-external-clean: n-external -> med set 0, remove ^4690:9[0-9]:",
    "i-external: n-external, class-infrastructure-default-transit -> accept",
  ]);
});

test("A plane router's export policy, statement by statement", () => {
  const speaker = compileSpeaker({
    bgp: { ...PLANE_ROUTER, meds: [150] },
    nodeId: 1,
    steering: { version: 1, edges: [{ name: "e1", med: 7 }] },
  });
  assert.deepEqual(speaker.exportStatements.map(line), [
    "e-feed: n-feed -> accept",
    "e-guard-b2: n-b2, guard-b2 -> reject",
    "e-internal: n-internal, class-infrastructure-edge-default-transit -> next hop self, add 4690:91:1, accept",
    "e-edge-med-e1: n-e1 -> med set 7",
    "e-edge-med-e2: n-e2 -> med set 200",
    "e-edge-default: n-edges-default, class-infrastructure-edge-default -> remove ^4690:, accept",
    "e-edge-full: n-edges-full, class-infrastructure-edge-default-transit -> remove ^4690:, accept",
    "e-external-med-unknown: n-external, class-edge -> med set 4000000000",
    "e-external-med-7: n-external, steer-7 -> med set 7",
    "e-external-med-100: n-external, steer-100 -> med set 100",
    "e-external-med-150: n-external, steer-150 -> med set 150",
    "e-external-med-200: n-external, steer-200 -> med set 200",
    "e-external-med-1000: n-external, steer-1000 -> med set 1000",
    "e-external: n-external, class-infrastructure-edge -> remove ^4690:9[0-9]:, accept",
  ]);
});

const EXTERNAL_EDGE = part({
  asn: 65100,
  originate: [
    { prefix: "::/0", class: "default" },
    { prefix: "2001:db8::/32", class: "aggregate" },
    { prefix: "2001:db8:ff00::3/128", class: "infrastructure" },
    { prefix: "2001:db8:ff10::/64", class: "infrastructure", plane: "blue" },
  ],
  neighbours: [
    neighbour({ name: "b1", kind: "plane", address: "fd00::b1", asn: 65101, plane: "blue" }),
    neighbour({ name: "g1", kind: "plane", address: "fd00::61", asn: 65102, plane: "green" }),
    neighbour({ name: "wide", kind: "upstream", address: "fd00::2500", asn: 2500 }),
  ],
});

test("A router that has just begun marks its Edges' prefixes inside the plane, and settling bounces no session", () => {
  const speaker = (settling: boolean) => compileSpeaker({ bgp: PLANE_ROUTER, nodeId: 1, settling });
  const marks = (settling: boolean) =>
    speaker(settling)
      .exportStatements.filter(({ name }) => name.startsWith("e-internal"))
      .map(line);
  assert.deepEqual(marks(true).slice(0, 1), ["e-internal-settling: n-internal, class-edge -> add 4690:92:1"]);
  assert.equal(marks(true).length, marks(false).length + 1);
  const touched = refreshes(speaker(true), speaker(false), ["fd00::b2"]);
  assert.deepEqual(touched, [{ address: "fd00::b2", in: false, out: true, bounce: false }]);
});

test("An External Edge's policy, statement by statement", () => {
  const speaker = compileSpeaker({ bgp: EXTERNAL_EDGE, nodeId: 3 });
  assert.deepEqual([...speaker.importStatements, ...speaker.exportStatements].map(line), [
    "i-local: local -> accept",
    "i-feed: n-feed -> reject",
    "i-plane-foreign: n-planes, class-aggregate-default-transit -> reject",
    "i-plane: n-planes, class-infrastructure-edge -> accept",
    "i-upstream-loop: n-upstreams, as-own -> reject",
    "i-upstream-default: n-upstreams, p-default -> reject",
    "i-upstream-long: n-upstreams, p-long -> reject",
    "i-upstream-refused: n-upstreams, p-refused -> reject",
    "i-upstream-clean: n-upstreams -> med set 0, remove ^4690:",
    "i-upstream: n-upstreams -> add 4690:80:5, accept",
    "e-feed: n-feed -> accept",
    "e-plane-own-blue: n-plane-blue, p-own-blue, local -> accept",
    "e-plane-own-green: n-plane-green, p-own-green, local -> accept",
    "e-plane: n-planes, class-default-transit -> accept",
    "e-upstream: n-upstreams, p-aggregate, local -> remove ^4690:, accept",
  ]);
  const own = speaker.definedSets.find((set) => set.name === "p-own-green");
  assert.deepEqual(own?.type === "prefix" ? own.prefixes.map((range) => range.prefix) : own, [
    "2001:db8:ff00::3/128",
  ]);
});

test("An Edge's policy, statement by statement", () => {
  const { confederation: _, ...bgp } = part({
    asn: 65001,
    originate: [{ prefix: "2001:db8:1::/48", class: "edge" }],
    neighbours: [neighbour({ name: "b1", kind: "backbone", address: "fd00::b1", asn: 4690 })],
  });
  const speaker = compileSpeaker({ bgp, nodeId: 11 });
  assert.deepEqual([...speaker.importStatements, ...speaker.exportStatements].map(line), [
    "i-local: local -> accept",
    "i-feed: n-feed -> reject",
    "i-backbone-loop: n-backbone, as-own -> reject",
    "i-backbone-own: n-backbone, p-own -> reject",
    "i-backbone: n-backbone -> accept",
    "e-feed: n-feed -> accept",
    "e-backbone: n-backbone, p-edge, local -> remove ^4690:, accept",
  ]);
});

test("Statement names are unique, and every set that is named exists", () => {
  for (const bgp of [PLANE_ROUTER, EXTERNAL_EDGE]) {
    const speaker = compileSpeaker({ bgp, nodeId: 1 });
    const all = [...speaker.importStatements, ...speaker.exportStatements];
    assert.equal(new Set(all.map((statement) => statement.name)).size, all.length);
    const sets = new Set(speaker.definedSets.map((set) => set.name));
    for (const { when } of all)
      for (const match of [when.neighbours, when.prefixes, when.asPath, when.largeCommunities])
        assert.ok(match === undefined || sets.has(match.name), match?.name);
    for (const set of speaker.definedSets)
      assert.ok((set.type === "prefix" ? set.prefixes : set.list).length > 0, set.name);
  }
});

test("A neighbour inside the plane without an id is refused", () => {
  const bgp = part({
    neighbours: [neighbour({ name: "b2", kind: "plane-internal", address: "fd00::b2", asn: 65101 })],
  });
  assert.throws(
    () => compileSpeaker({ bgp, nodeId: 1 }),
    (error) => error instanceof VsixError && error.code === "bgp-part",
  );
});

test("Moving one Edge touches that Edge's session only, softly, in both directions", () => {
  const at = (med: number) =>
    compileSpeaker({ bgp: PLANE_ROUTER, nodeId: 1, steering: { version: 1, edges: [{ name: "e1", med }] } });
  const addresses = PLANE_ROUTER.neighbours.map((peer) => peer.address);
  assert.deepEqual(refreshes(at(100), at(200), addresses), [
    { address: "fd00::e1", in: true, out: true, bounce: false },
  ]);
});

test("A smaller table for an Edge bounces its session, a new prefix it may announce does not", () => {
  const before = compileSpeaker({ bgp: PLANE_ROUTER, nodeId: 1 });
  const change = (over: Partial<NeighbourPart>) => {
    const neighbours = PLANE_ROUTER.neighbours.map((peer) => (peer === EDGE ? { ...EDGE, ...over } : peer));
    const after = compileSpeaker({ bgp: { ...PLANE_ROUTER, neighbours }, nodeId: 1 });
    return refreshes(
      before,
      after,
      neighbours.map((peer) => peer.address),
    );
  };
  assert.deepEqual(
    change({ table: "full" }).map((r) => [r.address, r.bounce]),
    [["fd00::e1", true]],
  );
  assert.deepEqual(change({ accept: ["2001:db8:2::/48"] }), [
    { address: "fd00::e1", in: true, out: false, bounce: false },
  ]);
});

test("what stands for a service is announced only while that works, with a longer path where others go before", () => {
  const service: BgpPart = {
    version: 1,
    asn: 65024,
    routerId: "10.0.24.1",
    as: 4690,
    originate: [
      { prefix: "2001:db8:24::/48", class: "edge" },
      { prefix: "2001:db8:64::/96", class: "edge", service: "translator", prepend: 1 },
    ],
    neighbours: [],
    ownPrefixes: ["2001:db8::/32"],
    bogons: [],
  };
  const announced = (working: ReadonlySet<"resolver" | "translator">) =>
    compileSpeaker({ bgp: service, nodeId: 24, working }).originated.map(({ prefix, asPath }) => [
      prefix,
      asPath,
    ]);
  assert.deepEqual(announced(new Set(["resolver"])), [["2001:db8:24::/48", undefined]]);
  assert.deepEqual(announced(new Set(["translator"])), [
    ["2001:db8:24::/48", undefined],
    ["2001:db8:64::/96", [65024]],
  ]);
});
