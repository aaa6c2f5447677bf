import assert from "node:assert/strict";
import { test } from "node:test";
import { NdSocket } from "@vsix/agent/io/nd-socket.ts";
import { decodeRouterAdvertisement, ND_TYPE } from "@vsix/agent/wire/router-advertisement.ts";
import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

const part = (...names: readonly string[]): AdvertisePart => ({
  version: 1,
  interfaces: names.map((name) => ({
    name,
    addresses: ["2001:db8:1:100::1/64"],
    intervalS: 600,
    lifetimeS: 1800,
    preference: "medium",
    prefixes: [
      { prefix: "2001:db8:1:100::/64", onLink: true, autonomous: true, preferredS: 2700, validS: 5400 },
    ],
    pref64: { prefix: "2001:db8:64::/96", lifetimeS: 1800 },
  })),
});

if (await insideNamespace("agent-advertise", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  const heard: { readonly lifetimeS: number; readonly pref64: readonly string[] }[] = [];
  const socket = new NdSocket(({ bytes }) => {
    if (bytes[0] === ND_TYPE.ROUTER_ADVERTISEMENT) heard.push(decodeRouterAdvertisement(bytes));
  });
  test.after(async () => {
    await socket[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });

  test("a LAN that is not there is waited for, and served as soon as it comes", async () => {
    await host.startGobgpd();
    await host.start();
    await broker.document(document(1, { more: { advertise: part("lan0") } }));
    const { conditions } = await host.reportWhere("it waits", ({ conditions: all }) =>
      all.some(({ object }) => object === "router-advertisement lan0"),
    );
    const condition = conditions.find(({ object }) => object === "router-advertisement lan0");
    assert.deepEqual([condition?.state, condition?.reason], ["pending", "no such interface on this machine"]);
    ip(["link", "add", "lan0", "type", "veth", "peer", "name", "far0"]);
    for (const name of ["far0", "lan0"]) ip(["link", "set", name, "up"]);
    await until("hosts hear it", () => heard.length > 0);
    assert.deepEqual([heard[0]?.lifetimeS, heard[0]?.pref64], [1800, ["2001:db8:64::/96"]]);
    await until("its address is there", () =>
      /2001:db8:1:100::1\/64/.test(ip(["addr", "show", "dev", "lan0"])),
    );
    const report = await host.reportWhere(
      "it is counted",
      ({ objects }) => objects["router-advertisement"] === 1,
    );
    assert.ok(!report.conditions.some(({ object }) => object.startsWith("router-advertisement")));
    assert.ok(!(await host.plan()).some((line) => /advertisement|2001:db8:1:100/.test(line)));
  });

  test("killed it takes nothing back, and the next one goes on", async () => {
    await host.stop("SIGKILL");
    heard.length = 0;
    await host.start();
    await until("hosts hear it", () => heard.length > 0);
    assert.ok(heard.every(({ lifetimeS }) => lifetimeS === 1800));
  });

  test("stopped in order it is no default router, its Pref64 stays", async () => {
    heard.length = 0;
    await host.stop("SIGTERM");
    await until("hosts hear it", () => heard.some(({ lifetimeS }) => lifetimeS === 0));
    assert.deepEqual(heard.at(-1)?.pref64, ["2001:db8:64::/96"]);
    await host.start();
    await until("it is one again", () => heard.at(-1)?.lifetimeS === 1800);
  });

  test("a document that makes no sense is refused, and what was told goes on", async () => {
    await broker.document(document(2, { more: { advertise: part("pa") } }));
    const { refused } = await host.reportWhere("it is refused", (report) => report.refused !== undefined);
    assert.match(refused?.reason ?? "", /pa is a link of the fabric/);
    await broker.document(document(3, { more: { advertise: part() } }));
    await until("it is given up", () => heard.at(-1)?.lifetimeS === 0 && heard.at(-1)?.pref64.length === 0);
    await until("its address is gone", () => !/2001:db8:1:100::1/.test(ip(["addr", "show", "dev", "lan0"])));
  });
}
