import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { type EchoRequest, Icmp6Socket, type ReceivedIcmp6 } from "../../agent/src/io/icmp6.ts";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { insideNamespace, ip } from "./in-namespace.ts";

/** This namespace -- r (a router) -- h (a host behind it). */
if (await insideNamespace("icmp6", import.meta.url)) {
  const router = `vt-icmp6r-${process.pid}`;
  const host = `vt-icmp6h-${process.pid}`;
  for (const name of [router, host]) ip(["netns", "add", name]);
  process.once("exit", () => {
    for (const name of [router, host]) spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  });
  const inRouter = ["-n", router];
  const inHost = ["-n", host];
  ip([
    "link",
    "add",
    "v0",
    "mtu",
    "9000",
    "type",
    "veth",
    "peer",
    "name",
    "r0",
    "netns",
    router,
    "mtu",
    "9000",
  ]);
  ip([...inRouter, "link", "add", "r1", "type", "veth", "peer", "name", "h0", "netns", host]);
  ip(["addr", "add", "2001:db8::/127", "dev", "v0", "nodad"]);
  ip(["addr", "add", "2001:db8:a::1/128", "dev", "lo"]);
  ip([...inRouter, "addr", "add", "2001:db8::1/127", "dev", "r0", "nodad"]);
  ip([...inRouter, "addr", "add", "2001:db8:1::/127", "dev", "r1", "nodad"]);
  ip([...inHost, "addr", "add", "2001:db8:1::1/127", "dev", "h0", "nodad"]);
  ip(["link", "set", "v0", "up"]);
  for (const device of ["r0", "r1"]) ip([...inRouter, "link", "set", device, "up"]);
  ip([...inHost, "link", "set", "h0", "up"]);
  ip([
    "netns",
    "exec",
    router,
    "sysctl",
    "-qw",
    "net.ipv6.conf.all.forwarding=1",
    "net.ipv6.icmp.ratelimit=0",
  ]);
  ip([...inRouter, "-6", "route", "add", "2001:db8:a::1/128", "via", "2001:db8::"]);
  ip([...inHost, "-6", "route", "add", "default", "via", "2001:db8:1::"]);
  ip(["-6", "route", "add", "default", "via", "2001:db8::1"]);
  writeFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "0");

  /** Sends again every 100 ms until something comes that `wanted` accepts: a first packet may be lost while links come up. */
  async function exchange(
    request: EchoRequest,
    wanted: (received: ReceivedIcmp6) => boolean,
  ): Promise<ReceivedIcmp6> {
    const { promise, resolve, reject } = Promise.withResolvers<ReceivedIcmp6>();
    await using socket = Icmp6Socket.open((received) => {
      if (wanted(received)) resolve(structuredClone(received));
    });
    let errno = 0;
    const send = (): void => {
      errno = socket.send(request);
    };
    const again = setInterval(send, 100);
    const limit = setTimeout(() => reject(new Error(`no answer, errno ${errno}`)), 60_000);
    send();
    try {
      return await promise;
    } finally {
      clearInterval(again);
      clearTimeout(limit);
    }
  }

  test("an echo is answered: source, hop limit, interface and kernel time are told", async () => {
    const { message, ...facts } = await exchange(
      { destination: "2001:db8:1::1", source: "2001:db8:a::1", id: 7, sequence: 9 },
      ({ message }) => message.type === "echo-reply" && message.id === 7,
    );
    assert.ok(message.type === "echo-reply");
    assert.deepEqual([message.id, message.sequence, message.payload.length], [7, 9, 56]);
    assert.equal(facts.source, "2001:db8:1::1");
    assert.equal(facts.hopLimit, 63);
    await using netlink = NetlinkSocket.open();
    await using links = await LinkTable.open(netlink);
    assert.equal(links.nameOf(facts.interfaceIndex), "v0");
    const age = BigInt(Date.now()) * 1_000_000n - facts.timestampNs;
    assert.ok(age > -1_000_000_000n && age < 60_000_000_000n, `${age}`);
  });

  test("hop limit 1 shows the router, which quotes our echo", async () => {
    const { message, source } = await exchange(
      {
        destination: "2001:db8:1::1",
        source: "2001:db8:a::1",
        hopLimit: 1,
        flowLabel: 0x76517,
        id: 8,
        sequence: 3,
      },
      ({ message }) => message.type === "time-exceeded",
    );
    assert.equal(source, "2001:db8::1");
    assert.ok(message.type === "time-exceeded" && message.quoted !== undefined);
    const { echo, destination, flowLabel, source: quotedSource } = message.quoted;
    assert.deepEqual(
      { ...echo, destination, flowLabel, quotedSource },
      { id: 8, sequence: 3, destination: "2001:db8:1::1", flowLabel: 0x76517, quotedSource: "2001:db8:a::1" },
    );
  });

  test("unreachable and too big come back with what they quote", async () => {
    const nowhere = await exchange(
      { destination: "2001:db8:f::1", id: 9, sequence: 1 },
      ({ message }) => message.type === "unreachable",
    );
    assert.ok(
      nowhere.message.type === "unreachable" && nowhere.message.quoted?.destination === "2001:db8:f::1",
    );
    const big = await exchange(
      { destination: "2001:db8:1::1", id: 10, sequence: 1, size: 1501 },
      ({ message }) => message.type === "packet-too-big",
    );
    assert.ok(big.message.type === "packet-too-big");
    assert.deepEqual([big.message.mtu, big.message.quoted?.echo?.id], [1500, 10]);
    await exchange(
      { destination: "2001:db8:1::1", id: 11, sequence: 1, size: 1500 },
      ({ message }) => message.type === "echo-reply" && message.id === 11,
    );
  });

  test("the wire carries the flow label and size that were asked for, with a right checksum", async () => {
    const args = ["-i", "v0", "-l", "-n", "-v", "-c", "2", "icmp6 and ip6[40] == 128 and dst 2001:db8:1::1"];
    const dump = spawn("tcpdump", args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    dump.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(dump.stderr, "data"); // "listening on"
    const closed = once(dump, "close");
    const limit = setTimeout(() => dump.kill(), 60_000);
    await using socket = Icmp6Socket.open(() => undefined);
    assert.equal(
      socket.send({ destination: "2001:db8:1::1", id: 1, sequence: 1, flowLabel: 0xabcde, size: 200 }),
      0,
    );
    assert.equal(socket.send({ destination: "2001:db8:1::1", id: 1, sequence: 2 }), 0);
    await closed;
    clearTimeout(limit);
    assert.match(text, /flowlabel 0xabcde, hlim 64.*payload length: 160\)/);
    assert.match(text, /\(hlim 64,.*payload length: 64\)/, "no flow label where none was asked for");
    assert.equal(text.match(/icmp6 sum ok/g)?.length, 2, text);
  });

  test("what cannot be sent says why", async () => {
    await using socket = Icmp6Socket.open(() => undefined);
    assert.equal(socket.send({ destination: "x", id: 1, sequence: 1 }), 22);
    assert.equal(socket.send({ destination: "2001:db8:1::1", source: "x", id: 1, sequence: 1 }), 22);
    assert.notEqual(
      socket.send({ destination: "2001:db8:1::1", source: "2001:db8:9::9", id: 1, sequence: 1 }),
      0,
    );
    assert.equal(socket.send({ destination: "2001:db8:1::1", id: 1, sequence: 1, size: 9001 }), 90);
    await socket[Symbol.asyncDispose]();
    assert.equal(socket.send({ destination: "2001:db8:1::1", id: 1, sequence: 1 }), 9);
  });
}
