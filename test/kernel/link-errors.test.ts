import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { readLinkErrors } from "../../agent/src/sensors/link-errors.ts";
import { insideNamespace } from "./in-namespace.ts";

interface Direction {
  readonly bytes: number;
  readonly errors: number;
  readonly dropped: number;
}

function run(command: string, ...args: readonly string[]): string {
  return spawnSync(command, args, { encoding: "utf8", timeout: 20_000 }).stdout;
}

if (await insideNamespace("linkerrors", import.meta.url)) {
  test("errors and drops of our ports are what ip(8) prints, and of our ports alone", async () => {
    // Nobody reads from the device, so what is sent there is dropped.
    run("ip", "tuntap", "add", "dev", "one", "mode", "tun");
    run("ip", "link", "set", "one", "up");
    run("ip", "link", "set", "lo", "up");
    run("ip", "addr", "add", "2001:db8::1/128", "dev", "lo");
    run("ip", "route", "add", "2001:db8:1::/64", "dev", "one");
    run("ping", "-6", "-c", "3", "-i", "0.2", "-W", "1", "2001:db8:1::1");
    const listed = JSON.parse(run("ip", "-j", "-s", "link", "show", "one")) as readonly {
      readonly stats64: { readonly rx: Direction; readonly tx: Direction };
    }[];
    const { rx, tx } = listed[0]?.stats64 ?? assert.fail("ip(8) knows no such link");
    assert.ok(tx.dropped >= 3, `${tx.dropped} dropped`);
    await using netlink = NetlinkSocket.open();
    const ports = [
      { name: "one", peer: "far" },
      { name: "missing", peer: "nobody" },
    ];
    assert.deepEqual(await readLinkErrors(netlink, ports, new AbortController().signal), [
      {
        interface: "one",
        peer: "far",
        rxOctets: rx.bytes,
        txOctets: tx.bytes,
        rxErrors: rx.errors,
        txErrors: tx.errors,
        rxDropped: rx.dropped,
        txDropped: tx.dropped,
      },
    ]);
  });
}
