import assert from "node:assert/strict";
import { test } from "node:test";
import { isSysctlPath } from "./driver.ts";

test("only settings below net/ have a path, and nothing leads out of it", () => {
  for (const path of [
    "net/ipv6/conf/all/forwarding",
    "net/ipv6/conf/eth0.7/mtu",
    "net/ipv6/conf/to-ngn-pe0~1c00/forwarding",
    "net/ipv6/conf/a..b/mtu",
    "net/x",
  ])
    assert.ok(isSysctlPath(path), path);
  for (const path of [
    "net/../kernel/hostname",
    "net/ipv6/../../kernel/hostname",
    "net/..",
    "net/.",
    "net/ipv6/./x",
    "net",
    "net/",
    "net//x",
    "/net/x",
    "../net/x",
    "kernel/hostname",
    "net/x\n",
    "net/x\0",
    "",
  ])
    assert.ok(!isSysctlPath(path), JSON.stringify(path));
});
