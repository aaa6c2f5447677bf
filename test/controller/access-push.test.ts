import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseAccessShard, parsePart } from "@vsix/shared/contract/parse.ts";
import { type Access, accessShardName, joinShards } from "@vsix/shared/contract/part-access.ts";
import { faultOfAccess } from "../../agent/src/core/check-access.ts";
import { FakeNode } from "../fakes/fake-node.ts";
import { Bench, freePort, until } from "./harness.ts";

const FABRIC = join(import.meta.dirname, "../../examples/access.yaml");
const EAST_TUNNEL = "2001:db8:53:e::1";
const KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

/** What a router's newest document says of its users, as its agent would read it. */
function usersOf(router: FakeNode): Access | undefined {
  const manifest = router.manifests.at(-1);
  const bytesOf = (name: string): Uint8Array | undefined => {
    const reference = manifest?.parts.find((part) => part.name === name);
    return reference === undefined ? undefined : router.parts.get(reference.sha256);
  };
  const frame = bytesOf("access");
  if (frame === undefined) return undefined;
  const part = parsePart("access", frame);
  const names = Array.from({ length: part.shards }, (_, shard) => accessShardName(shard));
  return joinShards(
    part,
    names.map((name) => parseAccessShard(name, bytesOf(name) ?? new Uint8Array())),
  );
}

async function makeNetwork() {
  const stack = new AsyncDisposableStack();
  const port = await freePort();
  const bench = stack.use(await Bench.make(undefined, { http: { host: "127.0.0.1", port } }));
  await bench.start();
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bench.vsixctl(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  await ok("apply", FABRIC);
  const trusted = await bench.trusted();
  const routers = new Map<string, FakeNode>();
  for (const name of ["pe-1", "pe-2", "pe-3", "edge-1"])
    routers.set(name, stack.use(await FakeNode.connect(bench.url, name, trusted)));
  const at = (name: string): FakeNode => routers.get(name) ?? assert.fail(name);
  await ok("pool", "create", "east", "--purpose", "tunnel", "--prefix", "2001:db8:e000::/40");
  await ok("pool", "create", "east-srv6", "--purpose", "srv6", "--prefix", "2001:db8:e100::/40");
  await ok("pool", "create", "vpn", "--purpose", "vpn-address", "--prefix", "2001:db8:d000::/112");
  for (const service of ["generic-tunneling", "srv6-access", "remote-access-vpn"])
    await ok("service", "set", service, "--approval", "auto");
  for (const user of ["alice", "bob"]) await ok("user", "create", user);
  return { bench, ok, at, stack, base: `http://127.0.0.1:${port}` };
}

test("who applies stands in the documents of the routers that serve his prefix, and nobody else's changes", async () => {
  const { ok, at, stack } = await makeNetwork();
  await using _ = stack;
  const idle = at("edge-1").manifests.length;
  const west = at("pe-3").manifests.length;
  await ok(
    "application",
    "create",
    "alice",
    "generic-tunneling",
    "--device",
    "home",
    "--endpoint",
    "3fff:250::1",
  );
  await until("both routers of the point know the tunnel", () =>
    ["pe-1", "pe-2"].every((name) => usersOf(at(name))?.tunnels.length === 1),
  );
  const tunnel = { id: "1", local: EAST_TUNNEL, prefixes: ["2001:db8:e000::/60"], remote: "3fff:250::1" };
  assert.deepEqual(usersOf(at("pe-1"))?.tunnels, [tunnel]);
  assert.deepEqual(usersOf(at("pe-2"))?.tunnels, [tunnel]);
  const before = new Map(
    at("pe-1")
      .manifests.at(-1)
      ?.parts.map(({ name, generation }) => [name, generation]),
  );
  await ok("application", "create", "bob", "srv6-access", "--device", "home", "--endpoint", "3fff:250::2");
  await ok("application", "create", "bob", "remote-access-vpn", "--device", "phone", "--public-key", KEY);
  await until("everybody is known", () => {
    const access = usersOf(at("pe-1"));
    return access?.srv6.length === 1 && access.peers.length === 1;
  });
  const access = usersOf(at("pe-1")) ?? assert.fail("pe-1 serves nobody");
  const [{ presharedKey, ...peer } = assert.fail("no peer")] = access.peers;
  assert.deepEqual(peer, { allowedIps: ["2001:db8:d000::/128"], device: "vpn", publicKey: KEY });
  assert.match(presharedKey ?? "", /^[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual(access.srv6, [{ endpoint: "3fff:250::2", id: "2", prefixes: ["2001:db8:e100::/60"] }]);
  assert.equal(faultOfAccess(access, ["2001:db8::/32"]), undefined, "agents take it");
  const parts = at("pe-1").manifests.at(-1)?.parts ?? [];
  const grown = parts
    .filter(({ name, generation }) => generation !== before.get(name))
    .map(({ name }) => name);
  assert.ok(grown.length <= 2 && grown.every((name) => name.startsWith("access-")), grown.join(" "));
  assert.equal(at("edge-1").manifests.length, idle, "an Edge is told nothing");
  assert.equal(at("pe-3").manifests.length, west, "a router of another point is told nothing");
});

test("whatever ends or moves a user is told at once: endpoint, suspension of user, removal, revocation; a new controller says the same", async () => {
  const { bench, ok, at, stack } = await makeNetwork();
  await using _ = stack;
  const router = at("pe-2");
  const ends = (): readonly string[] => (usersOf(router)?.tunnels ?? []).map(({ remote }) => remote).sort();
  const create = (user: string, device: string, endpoint: string) =>
    ok("application", "create", user, "generic-tunneling", "--device", device, "--endpoint", endpoint);
  await create("alice", "a", "3fff:250::1");
  await create("alice", "b", "3fff:250::2");
  await create("bob", "c", "3fff:250::3");
  await until("three tunnels", () => ends().length === 3);
  await ok("application", "change", "1", "--endpoint", "3fff:250::11");
  await until("it has moved", () => ends().includes("3fff:250::11"));
  await ok("user", "suspend", "alice");
  await until("alice is not served", () => ends().join() === "3fff:250::3");
  await ok("user", "resume", "alice");
  await until("alice is back", () => ends().join() === "3fff:250::11,3fff:250::2,3fff:250::3");
  const generation = router.manifests.at(-1)?.generation;
  await bench.stop("SIGKILL");
  await bench.start();
  await until("the new controller has spoken", () => (router.manifests.at(-1)?.epoch ?? 0) > 1);
  assert.equal(router.manifests.at(-1)?.generation, generation, "and has nothing new to say");
  await ok("application", "revoke", "2");
  await until("it is revoked", () => ends().join() === "3fff:250::11,3fff:250::3");
  await ok("user", "remove", "alice");
  await until("nothing of alice is left", () => ends().join() === "3fff:250::3");
});

test("whether routers have really applied it is known from what they say, and seen by whoever asks", async () => {
  const { bench, ok, at, stack } = await makeNetwork();
  await using _ = stack;
  const router = at("pe-1");
  await ok("application", "create", "alice", "srv6-access", "--device", "home", "--endpoint", "3fff:250::1");
  await until("the router is told", () => usersOf(router)?.srv6.length === 1);
  const shard = Number.parseInt(
    router.manifests
      .at(-1)
      ?.parts.find(({ name }) => router.part<{ srv6?: unknown[] }>(name)?.srv6?.length === 1)
      ?.name.slice("access-".length) ?? "",
    16,
  );
  const show = async (): Promise<string> => ok("application", "show", "1");
  assert.match(await show(), /pending on pe-1 since .*pending on pe-2 since /s);
  const say = (name: string, generation: number, user: object) =>
    at(name).say("access", {
      version: 1,
      node: name,
      at: new Date().toISOString(),
      epoch: 1,
      generation,
      shards: 16,
      shard,
      devices: [],
      tunnels: [],
      srv6: [{ id: "1", ...user }],
      peers: [],
    });
  const generation = router.manifests.at(-1)?.generation ?? 0;
  await say("pe-1", generation - 1, {});
  await say("pe-2", generation, { fault: "no such device" });
  await until("one fails", async () => /fails on pe-2 since .*: no such device/.test(await show()));
  assert.match(await show(), new RegExp(`pending on pe-1 since .*has not applied generation ${generation}`));
  await say("pe-1", generation, { rxPackets: 2, rxOctets: 200, txPackets: 1, txOctets: 100 });
  await until("one serves", async () => /served by pe-1 since /.test(await show()));
  assert.match(await show(), /from the user: 2 packets, 200 octets; to the user: 1 packets, 100 octets/);
  await ok("application", "revoke", "1");
  await until("it is told", () => usersOf(router)?.srv6.length === 0);
  assert.match(await show(), /ending on pe-1 since /);
  // A stranger's word counts for nothing.
  await at("edge-1").say("access", {
    ...{
      version: 1,
      node: "edge-1",
      at: new Date().toISOString(),
      epoch: 1,
      generation: 1,
      shards: 16,
      shard,
    },
    ...{ devices: [], tunnels: [], srv6: [{ id: "1" }], peers: [] },
  });
  const status = await bench.vsixctl("application", "show", "1", "--json");
  const { routers } = JSON.parse(status.stdout) as { routers: { router: string }[] };
  assert.deepEqual(routers.map(({ router: name }) => name).sort(), ["pe-1", "pe-2"]);
});

test("a VPN device's configuration: made with a key that never leaves it, and only when its routers agree on theirs", async () => {
  const { bench, ok, at, stack } = await makeNetwork();
  await using _ = stack;
  const file = (name: string): string => join(bench.directory, name);
  const publicKey = (await ok("vpn", "keygen", file("phone.key"))).trim();
  assert.equal((await stat(file("phone.key"))).mode & 0o777, 0o600);
  assert.match((await bench.vsixctl("vpn", "keygen", file("phone.key"))).stderr, /is there already/);
  await ok(
    "application",
    "create",
    "bob",
    "remote-access-vpn",
    "--device",
    "phone",
    "--public-key",
    publicKey,
  );
  await until("the router is told", () => usersOf(at("pe-1"))?.peers.length === 1);
  const [{ presharedKey = "" } = assert.fail("no peer")] = usersOf(at("pe-1"))?.peers ?? [];
  const config = (...more: readonly string[]) => bench.vsixctl("vpn", "config", "1", ...more);
  assert.match((await config()).stderr, /no router of access point east has told its public key yet/);
  const tell = async (name: string, key: string): Promise<void> =>
    at(name).say("access", {
      ...{
        version: 1,
        node: name,
        at: new Date().toISOString(),
        epoch: 1,
        generation: 1,
        shards: 16,
        shard: 0,
      },
      ...{ devices: [{ id: "vpn", publicKey: key, listenPort: 51820 }], tunnels: [], srv6: [], peers: [] },
    });
  await tell("pe-1", KEY);
  await tell("pe-2", publicKey);
  await until("the routers disagree", async () =>
    /have different keys for vpn/.test((await config()).stderr),
  );
  await tell("pe-2", KEY);
  await until("they agree", async () => (await config()).code === 0);
  const text = (await config()).stdout;
  assert.match(text, new RegExp(`PublicKey = ${KEY.replace(/[+/]/g, ".")}`));
  assert.ok(text.includes(`PresharedKey = ${presharedKey}`));
  assert.match(text, /Endpoint = \[2001:db8:53:e::3\]:51820/);
  assert.match(text, /# PrivateKey/);
  assert.equal(
    (await config("--private-key-file", file("phone.key"))).code,
    2,
    "a private key is not printed",
  );
  await ok("vpn", "keygen", file("other.key"));
  const wrong = await config("--private-key-file", file("other.key"), "--out", file("wrong.conf"));
  assert.match(wrong.stderr, /is the key of .*and application 1 has/);
  await ok("vpn", "config", "1", "--private-key-file", file("phone.key"), "--out", file("vsix0.conf"));
  assert.equal((await stat(file("vsix0.conf"))).mode & 0o777, 0o600);
  const secret = (await readFile(file("phone.key"), "latin1")).trim();
  assert.ok((await readFile(file("vsix0.conf"), "latin1")).includes(`PrivateKey = ${secret}`));
  // What the database knows tells no preshared key.
  const stored = await Promise.all(
    ["controller.db", "controller.db-wal"].map((name) => readFile(join(bench.directory, "state", name))),
  );
  for (const octets of stored) {
    assert.ok(!octets.includes(presharedKey));
    assert.ok(!octets.includes(Buffer.from(presharedKey, "base64")));
  }
  assert.equal((await stat(join(bench.directory, "state/access.key"))).mode & 0o777, 0o600);
  assert.match(await ok("vpn", "list"), /phone .*pe-1 pending, pe-2 pending/);
  assert.match((await bench.vsixctl("tunnel", "show", "1")).stderr, /is for remote-access-vpn/);
});

test("two tunnels whose routers exchange their addresses are both moved, and routers told once of both", async () => {
  const { base, ok, at, stack } = await makeNetwork();
  await using _ = stack;
  const create = (user: string, endpoint: string) =>
    ok("application", "create", user, "generic-tunneling", "--device", "a", "--endpoint", endpoint);
  await create("alice", "3fff:250::1");
  await create("bob", "3fff:250::2");
  const router = at("pe-1");
  const ends = (): string =>
    (usersOf(router)?.tunnels ?? [])
      .map(({ id, remote }) => `${id} ${remote}`)
      .sort()
      .join();
  await until("both are known", () => ends() === "1 3fff:250::1,2 3fff:250::2");
  const keys = [(await ok("application", "key", "1")).trim(), (await ok("application", "key", "2")).trim()];
  const update = async (id: number, endpoint: string): Promise<string> => {
    const authorization = `Basic ${Buffer.from(`${id}:${keys[id - 1]}`).toString("base64")}`;
    const answer = await fetch(`${base}/nic/update?hostname=${id}&myip=${endpoint}`, {
      headers: { authorization },
    });
    return answer.text();
  };
  assert.doesNotMatch(await update(1, "3fff:250::2"), /^good/, "it is still the other's");
  assert.equal(ends(), "1 3fff:250::1,2 3fff:250::2");
  assert.match(await update(2, "3fff:250::1"), /^good/);
  await until("they have exchanged", () => ends() === "1 3fff:250::2,2 3fff:250::1");
});
