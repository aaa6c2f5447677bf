import assert from "node:assert/strict";
import { test } from "node:test";
import { native } from "../../agent/native/load.ts";
import { FIRST_EGRESS_PORT } from "../../agent/src/core/trace/flow-identity.ts";
import { Icmp6Socket } from "../../agent/src/io/icmp6.ts";
import { Neighbours } from "../../agent/src/io/neighbours.ts";
import { ERRNO } from "../../agent/src/io/netlink-error.ts";
import { socketAddress } from "../../agent/src/io/raw-socket.ts";
import { SendBatch } from "../../agent/src/io/send-batch.ts";
import { ICMP6_TYPE } from "../../agent/src/wire/icmp6.ts";
import { insideNamespace, ip, ipJson, veth } from "./in-namespace.ts";

const HERE = "2001:db8::1";
const ID = FIRST_EGRESS_PORT;
const ENETUNREACH = 101;
const EMSGSIZE = 90;

if (await insideNamespace("egress-socket", import.meta.url)) {
  ip(["addr", "add", `${HERE}/128`, "dev", "lo", "nodad"]);

  test("answers that nobody read in time are known to be missing; damaged ones are not taken for them", async () => {
    let heard = 0;
    await using socket = Icmp6Socket.open(() => heard++, {
      ids: [ID, ID],
      types: [ICMP6_TYPE.ECHO_REPLY],
      quiet: true,
      address: HERE,
      room: 1 << 16,
    });
    const asked = (count: number): void => {
      for (let i = 0; i < count; i++)
        assert.equal(socket.send({ destination: HERE, source: HERE, id: ID, sequence: i }), 0);
    };
    asked(10);
    assert.equal(socket.overflowed(), false);
    socket.drain();
    assert.equal(heard, 10);
    asked(5_000);
    assert.equal(socket.overflowed(), true);
    socket.drain();
    assert.ok(heard > 20 && heard < 5_000, `${heard}`);
    assert.equal(socket.overflowed(), false, "told once");
    // IPPROTO_RAW leaves the wrong checksum as it is; the kernel counts what it drops for that as well.
    const raw = new (native().Socket)(10, 3, 255);
    const wrong = new Uint8Array(48);
    wrong.set([0x60, 0, 0, 0, 0, 8, 58, 64]);
    const to = socketAddress(HERE) ?? new Uint8Array();
    wrong.set(to.subarray(8, 24), 8);
    wrong.set(to.subarray(8, 24), 24);
    wrong.set([129, 0, 1, 1, ID >> 8, ID & 0xff], 40);
    for (let i = 0; i < 100; i++) assert.ok(raw.send(wrong, to) > 0);
    raw.close();
    assert.equal(socket.overflowed(), false);
    asked(10);
    const before = heard;
    socket.drain();
    assert.equal(heard, before + 10, "it hears on");
  });

  test("a batch tells of each packet what became of it and when, in order; one that fails does not keep back the next", () => {
    const raw = new (native().Socket)(10, 3, 255);
    const told: (readonly [string, number, number])[] = [];
    const batch = new SendBatch<string>(raw, 70_000, (tag, errno, atUs) => told.push([tag, errno, atUs]));
    const packet = (octets: number, destination: string): [Uint8Array, Uint8Array] => {
      const bytes = new Uint8Array(octets);
      const to = socketAddress(destination) ?? new Uint8Array();
      bytes.set([0x60, 0, 0, 0, 0, 0, 59, 64]);
      bytes.set(to.subarray(8, 24), 24);
      return [bytes, to];
    };
    batch.add("well", ...packet(40, HERE));
    batch.add("nowhere", ...packet(40, "2001:db8:ffff::1"));
    batch.add("long", ...packet(69_000, HERE));
    batch.add("too long for any", ...packet(71_000, HERE));
    for (let i = 0; i < 130; i++) batch.add(`more ${i}`, ...packet(40, HERE));
    batch.flush();
    batch.flush();
    raw.close();
    batch.add("closed", ...packet(40, HERE));
    batch.flush();
    const errnoOf = new Map(told.map(([tag, errno]) => [tag, errno]));
    assert.equal(told.length, 135);
    assert.deepEqual(
      ["well", "nowhere", "long", "too long for any", "more 129", "closed"].map((tag) => errnoOf.get(tag)),
      [0, ENETUNREACH, EMSGSIZE, ERRNO.EINVAL, 0, ERRNO.EBADF],
    );
    const times = told.filter(([tag]) => tag.startsWith("more")).map(([, , atUs]) => atUs);
    const [s, ns] = process.hrtime();
    assert.ok(times.every((at, i) => at >= (times[i - 1] ?? 0) && at <= s * 1e6 + ns / 1e3));
  });

  test("neighbours are found out without a packet by a route; who does not answer has no address; nothing else is changed", async () => {
    veth("n0", "n1");
    ip(["addr", "add", "2001:db8:1::1/64", "dev", "n0", "nodad"]);
    ip(["neigh", "add", "2001:db8:1::7", "dev", "n0", "lladdr", "02:00:00:00:00:07", "nud", "permanent"]);
    const index = Number(ipJson(["link", "show", "dev", "n0"])[0]?.["ifindex"]);
    await using neighbours = new Neighbours();
    const known = { interfaceIndex: index, address: "2001:db8:1::7" };
    const silent = { interfaceIndex: index, address: "2001:db8:1::9" };
    await neighbours.refresh([known, silent]);
    assert.deepEqual([...(neighbours.linkAddressOf(known) ?? [])], [2, 0, 0, 0, 0, 7]);
    assert.equal(neighbours.linkAddressOf(silent), undefined);
    const entry = (address: string): string => ip(["neigh", "show", address, "dev", "n0"]);
    assert.match(entry("2001:db8:1::7"), /02:00:00:00:00:07 PERMANENT/);
    assert.match(entry("2001:db8:1::9"), /INCOMPLETE|FAILED/, "it is asked for");
    ip(["neigh", "change", "2001:db8:1::7", "dev", "n0", "lladdr", "02:00:00:00:00:08", "nud", "permanent"]);
    await neighbours.refresh([known]);
    assert.deepEqual([...(neighbours.linkAddressOf(known) ?? [])], [2, 0, 0, 0, 0, 8]);
    await neighbours.refresh([{ interfaceIndex: 0x7fffff, address: "2001:db8:1::7" }]);
    assert.equal(neighbours.linkAddressOf(known), undefined);
  });
}
