import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_EGRESS_ROWS } from "@vsix/shared/contract/up-egress.ts";
import { routeRows, shardRows, type ToldRoute } from "./route-rows.ts";

function told(prefix: string, asPath: readonly number[] = [2500]): ToldRoute {
  return { prefix, asPath, origin: "igp", nextHop: "fd00::2", communities: [], filtered: false };
}

function peer(address: string, ...routes: readonly ToldRoute[]) {
  return { address, routes };
}

test("a route is marked that this node uses itself: of that peer, and for that prefix", () => {
  const peers = [peer("fd00::1", told("3fff:aaaa::/40")), peer("fd00::2", told("3fff:aaaa::/40"))];
  const bestOf = (choices: readonly (readonly [string, string])[]) =>
    routeRows(["3fff:aaaa::1"], peers, new Map(choices))[0]?.routes.map(({ best }) => best);
  assert.deepEqual(bestOf([["3fff:aaaa::/40", "fd00::2"]]), [undefined, true]);
  assert.deepEqual(bestOf([["3fff:aaaa::/48", "fd00::2"]]), [undefined, undefined]);
  assert.deepEqual(bestOf([]), [undefined, undefined]);
});

test("each peer has its own most specific route towards an address", () => {
  const rows = routeRows(
    ["3fff:aaaa:1::9", "3fff:aaaa:2::9", "3fff:bbbb::1"],
    [
      peer("fd00::1", told("3fff:aaaa::/40"), told("3fff:aaaa:1::/48", [2500, 65010])),
      peer("fd00::2", told("::/0")),
      peer("fd00::3"),
    ],
  );
  assert.deepEqual(
    rows.map(({ address, routes }) => [address, ...routes.map(({ peer, prefix }) => `${peer} ${prefix}`)]),
    [
      ["3fff:aaaa:1::9", "0 3fff:aaaa:1::/48", "1 ::/0"],
      ["3fff:aaaa:2::9", "0 3fff:aaaa::/40", "1 ::/0"],
      ["3fff:bbbb::1", "1 ::/0"],
    ],
  );
});

test("an address that nobody announces, and text that is no prefix or address, make no row", () => {
  assert.deepEqual(
    routeRows(["3fff::1", "nonsense"], [peer("fd00::1", told("3fff:1::/32"), told("bad"), told("::1/0"))]),
    [],
  );
});

test("what a stranger made too long is cut to what the contract takes", () => {
  const long = {
    ...told(
      "::/0",
      Array.from({ length: 400 }, (_, i) => i),
    ),
    communities: Array.from({ length: 100 }, (_, i) => `1:${i}`),
  };
  const [row] = routeRows(["3fff::1"], [peer("fd00::1", long)]);
  assert.deepEqual([row?.routes[0]?.asPath.length, row?.routes[0]?.communities.length], [256, 64]);
});

test("rows go into as many shards as they need, and none is one empty shard", () => {
  assert.deepEqual(shardRows([]), [[]]);
  const rows = Array.from({ length: MAX_EGRESS_ROWS * 2 + 1 }, (_, i) => i);
  assert.deepEqual(
    shardRows(rows).map(({ length }) => length),
    [MAX_EGRESS_ROWS, MAX_EGRESS_ROWS, 1],
  );
  assert.deepEqual(shardRows(rows).flat(), rows);
});
