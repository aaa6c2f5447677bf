import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { NETLINK_NETFILTER } from "../../agent/src/io/netlink-port.ts";
import { readCounters } from "../../agent/src/sensors/counters.ts";
import type { NftCounter } from "../../agent/src/wire/netlink/nft-counter.ts";
import { insideNamespace } from "./in-namespace.ts";

const FOREVER = new AbortController().signal;

function nft(...args: readonly string[]): string {
  const run = spawnSync("nft", args, { encoding: "utf8", timeout: 20_000 });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

function byNft(): readonly NftCounter[] {
  const { nftables } = JSON.parse(nft("-j", "list", "counters", "table", "inet", "vsix")) as {
    readonly nftables: readonly { readonly counter?: NftCounter }[];
  };
  return nftables.flatMap(({ counter }) =>
    counter === undefined ? [] : [{ name: counter.name, packets: counter.packets, bytes: counter.bytes }],
  );
}

const byName = (list: readonly NftCounter[]): readonly NftCounter[] =>
  list.toSorted((a, b) => (a.name < b.name ? -1 : 1));

if (await insideNamespace("nftcounter", import.meta.url)) {
  test("no table, no counters, no error", async () => {
    await using netfilter = NetlinkSocket.open(NETLINK_NETFILTER);
    assert.deepEqual(await readCounters(netfilter, FOREVER), []);
  });

  test("the kernel's counters are what nft(8) prints, large ones and many, and of our table alone", async () => {
    nft("add", "table", "inet", "vsix");
    nft("add", "table", "ip6", "vsix");
    nft("add", "table", "inet", "other");
    nft("add", "counter", "ip6", "vsix", "in-a", "{ packets 1 bytes 1 ; }");
    nft("add", "counter", "inet", "other", "in-a", "{ packets 2 bytes 2 ; }");
    nft("add", "quota", "inet", "vsix", "in-a-quota", "{ over 5 mbytes ; }");
    nft("add", "counter", "inet", "vsix", "in-a", "{ packets 4294967297 bytes 9007199254740991 ; }");
    for (let i = 0; i < 400; i++)
      nft("add", "counter", "inet", "vsix", `c${i}`, `{ packets ${i} bytes ${i * 1000003} ; }`);
    await using netfilter = NetlinkSocket.open(NETLINK_NETFILTER);
    const read = await readCounters(netfilter, FOREVER);
    assert.equal(read.length, 401);
    assert.deepEqual(byName(read), byName(byNft()));
    assert.deepEqual(
      read.find(({ name }) => name === "in-a"),
      { name: "in-a", packets: 4294967297, bytes: 9007199254740991 },
    );
  });
}
