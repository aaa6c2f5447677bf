import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { guardText } from "../../cloud-init/core/guard.ts";
import { addNamespace, answered, inside, nameOf } from "../agent/access-clients.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";

/** The rules of a seed under packets: this namespace is the home router; a host is behind it, a stranger before it. */

const HOST = "2001:db8:1::2";
const ROUTER = "2001:db8:1::1";
const STRANGER = "2001:db8:2::2";
const PORT = 8080;

if (await insideNamespace("guard", import.meta.url)) {
  const servers: ReturnType<typeof spawn>[] = [];
  after(() => {
    for (const one of servers) one.kill("SIGKILL");
  });

  for (const [node, device, near, far] of [
    ["h", "lan0", ROUTER, HOST],
    ["s", "vxt-1", "2001:db8:2::1", STRANGER],
  ] as const) {
    addNamespace(node);
    ip(["link", "add", device, "type", "veth", "peer", "name", "net0", "netns", nameOf(node)]);
    ip(["addr", "add", `${near}/64`, "dev", device, "nodad"]);
    ip(["link", "set", device, "up"]);
    inside(node, "ip", "addr", "add", `${far}/64`, "dev", "net0", "nodad");
    inside(node, "ip", "link", "set", "net0", "up");
    inside(node, "ip", "-6", "route", "add", "default", "via", near);
  }
  spawnSync("sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1"]);
  const listen = (args: readonly string[]): void => {
    const [file = "", ...rest] = [...args, "python3", "-m", "http.server", "--bind", "::", String(PORT)];
    servers.push(spawn(file, rest, { stdio: "ignore", cwd: "/proc/self" }).on("error", assert.fail));
  };
  /** Whether a TCP connection comes to be. */
  const connects = (node: string, to: string): boolean => {
    const script = `exec 3<>/dev/tcp/${to}/${PORT}`;
    return (
      spawnSync("ip", ["netns", "exec", nameOf(node), "timeout", "3", "bash", "-c", script]).status === 0
    );
  };

  test("strangers open no connections to hosts nor to the router; what the LAN begins comes back, and echo passes", async () => {
    for (const node of ["h", "s"]) listen(["ip", "netns", "exec", nameOf(node)]);
    listen(["env"]);
    const ways = [
      ["h", STRANGER],
      ["s", HOST],
      ["h", ROUTER],
      ["s", ROUTER],
    ] as const;
    // Without the rules all of them do: it is the rules that are seen below.
    for (const [from, to] of ways)
      for (let i = 0; !connects(from, to); i++) {
        assert.ok(i < 50, `${from} never reached ${to}`);
        await sleep(100);
      }
    for (let i = 0; i < 2; i++) {
      const { status, stderr } = spawnSync("nft", ["-f", "-"], { input: guardText([]), encoding: "utf8" });
      assert.equal(status, 0, stderr);
    }
    assert.deepEqual(
      ways.map(([from, to]) => connects(from, to)),
      [true, false, true, false],
    );
    assert.equal(answered("s", STRANGER, HOST), 3);
    assert.equal(answered("h", HOST, STRANGER), 3);
  });
}
