import assert from "node:assert/strict";
import { test } from "node:test";
import { connectGobgp, type GobgpClient } from "gobgp-ts";
import { GobgpError } from "gobgp-ts/errors.ts";
import type { DefinedSet, Path, Policy } from "gobgp-ts/types.ts";
import { Network } from "./network.ts";

const skip = Network.missing() ?? false;

async function paths(client: GobgpClient): Promise<readonly Path[]> {
  const all: Path[] = [];
  for await (const path of client.listPaths({ table: "global" })) all.push(path);
  return all;
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof GobgpError && error.code === expected;
}

test("A client without a gobgpd says unavailable", async () => {
  const client = connectGobgp({ socketPath: "/nonexistent/gobgpd.sock" });
  await assert.rejects(client.getGlobal(), code("unavailable"));
});

test("A client tells a gobgpd everything in plain values and reads it back", { skip }, async () => {
  await using network = await Network.create("cli", ["a"]);
  await network.startGobgpd("a");
  const client = connectGobgp({ socketPath: network.socketPath("a") });
  assert.equal(await client.getGlobal(), undefined);
  await assert.rejects(
    client.addPeer({ address: "::1", asn: 1, holdS: 9, keepaliveS: 3 }),
    code("not-started"),
  );

  const global = {
    asn: 65101,
    routerId: "10.0.0.1",
    listenPort: 179,
    listenAddresses: ["::"],
    confederation: { identifier: 4690, members: [65100, 65101] },
    alwaysCompareMed: true,
    externalCompareRouterId: true,
  };
  await client.startBgp(global);
  const { asn, routerId, listenPort, listenAddresses } = global;
  assert.partialDeepStrictEqual(await client.getGlobal(), { asn, routerId, listenPort, listenAddresses });

  const peer = {
    address: "2001:db8::2",
    asn: 65001,
    description: "edge",
    holdS: 9,
    keepaliveS: 3,
    gracefulRestart: { restartS: 60, deferralS: 30 },
    maxPrefixes: 10,
    allowOwnAsn: 255,
    removePrivate: "all" as const,
  };
  await client.addPeer(peer);
  await assert.rejects(client.addPeer(peer), code("already-exists"));
  const [status] = await client.listPeers();
  assert.ok(status !== undefined);
  const { remotePort: _, passive: __, connectRetryS: ___, families, adminDown, ...read } = status.config;
  assert.deepEqual(read, peer);
  assert.deepEqual(families, ["ipv6-unicast"]);
  assert.equal(adminDown, false);
  await client.disablePeer(peer.address, "test");
  await client.deletePeer(peer.address);
  await assert.rejects(client.deletePeer(peer.address), code("not-found"));

  const definedSets: readonly DefinedSet[] = [
    { type: "prefix", name: "p", prefixes: [{ prefix: "2001:db8::/32", min: 32, max: 64 }] },
    { type: "neighbour", name: "n", list: ["2001:db8::2/128"] },
    { type: "as-path", name: "a", list: ["_4690_"] },
    { type: "large-community", name: "l", list: ["^4690:90:100$"] },
  ];
  const policies: readonly Policy[] = [
    {
      name: "in",
      statements: [
        {
          name: "s1",
          when: {
            neighbours: { name: "n", match: "any" },
            prefixes: { name: "p", match: "any" },
            asPath: { name: "a", match: "any" },
            largeCommunities: { name: "l", match: "any" },
            routeType: "local",
          },
          apply: {
            route: "accept",
            med: { op: "add", value: 10 },
            nextHop: "self",
            largeCommunities: { op: "add", list: ["4690:80:3"] },
          },
        },
        {
          name: "s2",
          when: {},
          apply: { med: { op: "set", value: 0 }, largeCommunities: { op: "remove", list: ["^4690:"] } },
        },
      ],
    },
  ];
  await client.setPolicies({ definedSets, policies });
  const assignment = { direction: "import", policies: ["in"], defaultAction: "reject" } as const;
  await client.setAssignment(assignment);
  assert.deepEqual(await client.listPolicies(), policies);
  assert.deepEqual(await client.listDefinedSets(), definedSets);
  assert.deepEqual(await client.getAssignment("import"), assignment);
  await assert.rejects(
    client.setPolicies({ definedSets: [], policies }),
    (error) => error instanceof GobgpError && error.cause !== undefined,
  );

  await client.setPolicies({ definedSets: [], policies: [{ name: "in", statements: [] }] });
  await client.setAssignment({ ...assignment, defaultAction: "accept" });
  const path = {
    prefix: "2001:db8:1::/48",
    nextHop: "::",
    med: 7,
    localPref: 90,
    asPath: [{ type: "sequence" as const, asns: [64999] }],
    largeCommunities: ["4690:80:3"],
  };
  const uuid = await client.addPath(path);
  await client.addPath({ prefix: "2001:db8:2::/48", nextHop: "::" });
  const first = (await paths(client)).find(({ prefix }) => prefix === path.prefix);
  assert.partialDeepStrictEqual(first, path);
  assert.equal(first?.from, undefined);
  assert.equal(await client.countDestinations("ipv6-unicast"), 2);
  await client.deletePath({ uuid });
  await client.deletePath({ prefix: "2001:db8:2::/48", nextHop: "::" });
  assert.deepEqual(await paths(client), []);

  const aborted = AbortSignal.abort();
  await assert.rejects(client.listPeers(aborted), code("aborted"));
  await client.stopBgp();
  assert.equal(await client.getGlobal(), undefined);
});
