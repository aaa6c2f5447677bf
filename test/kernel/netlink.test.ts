import assert from "node:assert/strict";
import { test } from "node:test";
import { TABLE_MAIN } from "../../agent/src/core/ownership.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { NetlinkError, NetlinkTransportError } from "../../agent/src/io/netlink-error.ts";
import { AF_INET6, NLM_F, RTM, RTN, RTNLGRP } from "../../agent/src/wire/netlink/constants.ts";
import { encodeLinkDump } from "../../agent/src/wire/netlink/link.ts";
import { encodeNexthopDelete } from "../../agent/src/wire/netlink/nexthop.ts";
import { decodeRoute, encodeRoute, encodeRouteDump } from "../../agent/src/wire/netlink/route.ts";
import type { NetlinkWriter } from "../../agent/src/wire/netlink/writer.ts";
import { insideNamespace, ip } from "./in-namespace.ts";

if (await insideNamespace("netlink", import.meta.url)) {
  const blackhole = (i: number, table = 7600) => ({
    family: AF_INET6,
    table,
    protocol: 118,
    scope: 0,
    type: RTN.BLACKHOLE,
    flags: 0,
    destination: `2001:db8:${i.toString(16)}::/48`,
    metric: 20,
  });
  const create = (writer: NetlinkWriter, flags: number, sequence: number, i: number): void =>
    encodeRoute(writer, RTM.NEWROUTE, flags | NLM_F.CREATE | NLM_F.EXCL, sequence, blackhole(i));
  const remove = (writer: NetlinkWriter, flags: number, sequence: number, i: number): void =>
    encodeRoute(writer, RTM.DELROUTE, flags, sequence, { ...blackhole(i), type: 0 });
  const routes = (netlink: NetlinkSocket, filter: { readonly table?: number; readonly protocol?: number }) =>
    netlink.dump(
      (writer, flags, sequence) => encodeRouteDump(writer, flags, sequence, filter),
      ({ payload }) => decodeRoute(payload),
    );

  test("a refused request throws errno, its name and the kernel's words", async () => {
    await using netlink = NetlinkSocket.open();
    await assert.rejects(
      netlink.request((writer, flags, sequence) => encodeNexthopDelete(writer, flags, sequence, 4242)),
      (error) => error instanceof NetlinkError && error.errno === 2 && error.errnoName === "ENOENT",
    );
    await assert.rejects(
      netlink.request((writer, flags, sequence) =>
        encodeRoute(writer, RTM.NEWROUTE, flags | NLM_F.CREATE, sequence, {
          ...blackhole(1),
          type: 1,
          nexthopId: 4242,
        }),
      ),
      (error) =>
        error instanceof NetlinkError && error.errno === 22 && error.extack === "Nexthop id does not exist",
    );
  });

  test("a batch in which every request is refused keeps every refusal", async () => {
    await using netlink = NetlinkSocket.open();
    const failures = await netlink.batch(5000, remove);
    assert.equal(failures.size, 5000);
    assert.ok([...failures.values()].every(({ errno }) => errno === 3));
  });

  test("a dump is limited by the kernel to the table and protocol asked for", async () => {
    await using netlink = NetlinkSocket.open();
    assert.equal((await netlink.batch(300, create)).size, 0);
    ip(["-6", "route", "add", "2001:db8::/48", "dev", "lo", "table", "7600", "proto", "99"]);
    assert.equal((await routes(netlink, { protocol: 118 })).length, 300);
    assert.equal((await routes(netlink, { table: 7600 })).length, 301);
    assert.equal((await routes(netlink, { table: 7600, protocol: 99 })).length, 1);
    assert.equal((await routes(netlink, { table: TABLE_MAIN, protocol: 118 })).length, 0);
    ip(["-6", "route", "flush", "table", "7600"]);
  });

  test("a dump while routes come and go is never half of two states", async () => {
    await using netlink = NetlinkSocket.open();
    await using other = NetlinkSocket.open();
    await netlink.batch(4000, create);
    const churn = (async () => {
      for (let round = 0; round < 10; round++) {
        await other.batch(200, (writer, flags, sequence, i) => create(writer, flags, sequence, 10_000 + i));
        await other.batch(200, (writer, flags, sequence, i) => remove(writer, flags, sequence, 10_000 + i));
      }
    })();
    for (let i = 0; i < 5; i++) {
      try {
        const stable = (await routes(netlink, { protocol: 118 })).filter(
          ({ destination }) => !(Number.parseInt(destination.split(":")[2] ?? "", 16) >= 10_000),
        );
        assert.equal(new Set(stable.map(({ destination }) => destination)).size, 4000);
      } catch (error) {
        if (!(error instanceof NetlinkError && error.errno === 4)) throw error;
      }
    }
    await churn;
    assert.equal((await routes(netlink, { protocol: 118 })).length, 4000);
    assert.equal((await netlink.batch(4000, remove)).size, 0);
  });

  test("operations asked for at once are done one after another, each with its own answer", async () => {
    await using netlink = NetlinkSocket.open();
    const results = await Promise.allSettled([
      netlink.batch(1000, create),
      routes(netlink, { protocol: 118 }),
      netlink.request((writer, flags, sequence) => encodeNexthopDelete(writer, flags, sequence, 4242)),
      netlink.batch(1000, remove),
      routes(netlink, { protocol: 118 }),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"],
    );
    const [, before, , , after] = results;
    assert.equal(before?.status === "fulfilled" && Array.isArray(before.value) && before.value.length, 1000);
    assert.equal(after?.status === "fulfilled" && Array.isArray(after.value) && after.value.length, 0);
  });

  test("an aborted batch stops, and the socket serves the next request", async () => {
    await using netlink = NetlinkSocket.open();
    const abort = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(
      netlink.batch(
        20_000,
        (writer, flags, sequence, i) => {
          if (i === 2000) abort.abort(reason);
          create(writer, flags, sequence, i);
        },
        abort.signal,
      ),
      reason,
    );
    const made = await routes(netlink, { protocol: 118 });
    assert.ok(made.length >= 1024 && made.length < 20_000, `${made.length}`);
    ip(["-6", "route", "flush", "table", "7600"]);
    assert.equal((await routes(netlink, { protocol: 118 })).length, 0);
  });

  test("notifications arrive, and too many of them are an overrun and not silence", {
    timeout: 20_000,
  }, async () => {
    await using netlink = NetlinkSocket.open();
    let seen = 0;
    const first = Promise.withResolvers<void>();
    const overrun = Promise.withResolvers<void>();
    using subscription = netlink.subscribe([RTNLGRP.IPV6_ROUTE], (event) => {
      if (event.kind === "overrun") overrun.resolve();
      else if (event.message.type === RTM.NEWROUTE) {
        seen++;
        first.resolve();
      }
    });
    await netlink.batch(1, create);
    await first.promise;
    assert.equal(seen, 1);
    // ip(8) runs to its end while this process does not read.
    const lines = Array.from(
      { length: 30_000 },
      (_, i) => `route add blackhole 2001:db8:1:${i.toString(16)}::/64 table 7600 proto 118`,
    );
    ip(["-6", "-batch", "-"], lines.join("\n"));
    await overrun.promise;
    assert.ok(subscription);
    ip(["-6", "route", "flush", "table", "7600"]);
  });

  test("after closing, everything under way and everything new is refused, and closing again is nothing", async () => {
    const netlink = NetlinkSocket.open();
    const pending = netlink.batch(50_000, create);
    const refused = assert.rejects(pending, NetlinkTransportError);
    await netlink[Symbol.asyncDispose]();
    await netlink[Symbol.asyncDispose]();
    await refused;
    await assert.rejects(
      netlink.dump(encodeLinkDump, () => undefined),
      NetlinkTransportError,
    );
    ip(["-6", "route", "flush", "table", "7600"]);
  });
}
