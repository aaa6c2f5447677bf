import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tlsBench } from "../controller/identity-bench.ts";
import { declareInGuest, kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip, ipJson } from "../kernel/in-namespace.ts";
import { addNamespace, answered, arrived, inside, nameOf } from "./access-clients.ts";
import { until } from "./agent-process.ts";
import { EnrolledAgent } from "./enrolled-agent.ts";
import { Relay } from "./relay.ts";

/**
 * From an application to packets of a host behind a user's own router: a controller, an agent on the access router and one on the home router,
 * each enrolled by its own claim. This namespace is the home; the access router's is another one.
 */

const FABRIC = join(import.meta.dirname, "../../examples/access.yaml");
const WORLD = "2001:db8:e::2";

if (await insideNamespace("agent-home", import.meta.url)) {
  if (kernelMakes("ip6tnl", "remote", "::1")) declareAll();
  else
    await declareInGuest(
      "a claim makes a home: hosts behind a user's own router get through, in a guest kernel",
      "ip6_tunnel",
      import.meta.url,
      300,
    );
}

function declareAll(): void {
  const directory = mkdtempSync(join(tmpdir(), "vt-home-"));
  const stack = new AsyncDisposableStack();
  let on: Awaited<ReturnType<typeof tlsBench>>;
  let home: EnrolledAgent;

  test.after(async () => {
    await stack.disposeAsync();
    rmSync(directory, { recursive: true, force: true });
  });

  test("application, claim, enrolment: a host behind the home router has addresses of its own and reaches the world", async () => {
    // The provider's network is a cable to the access router; the world is behind that.
    for (const node of ["pe", "w", "c"]) addNamespace(node);
    ip(["link", "add", "wan0", "type", "veth", "peer", "name", "user0", "netns", nameOf("pe")]);
    ip(["addr", "add", "3fff:250::2/64", "dev", "wan0", "nodad"]);
    ip(["link", "set", "wan0", "up"]);
    ip(["-6", "route", "add", "default", "via", "3fff:250::1", "dev", "wan0"]);
    inside("pe", "ip", "addr", "add", "3fff:250::1/64", "dev", "user0", "nodad");
    inside("pe", "ip", "link", "set", "user0", "up");
    inside("pe", "ip", "link", "add", "world0", "type", "veth", "peer", "name", "net0", "netns", nameOf("w"));
    inside("pe", "ip", "addr", "add", "2001:db8:e::1/64", "dev", "world0", "nodad");
    inside("pe", "ip", "link", "set", "world0", "up");
    inside("w", "ip", "addr", "add", `${WORLD}/64`, "dev", "net0", "nodad");
    inside("w", "ip", "link", "set", "net0", "up");
    inside("w", "ip", "-6", "route", "add", "default", "via", "2001:db8:e::1");
    ip(["link", "add", "lan0", "type", "veth", "peer", "name", "net0", "netns", nameOf("c")]);
    ip(["link", "set", "lan0", "up"]);
    inside("c", "ip", "link", "set", "net0", "up");

    on = stack.use(await tlsBench());
    const ok = async (...args: readonly string[]): Promise<void> => {
      const { code, stderr } = await on.vsixctl(...args);
      assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    };
    await ok("apply", FABRIC);
    await ok("pool", "create", "east", "--purpose", "tunnel", "--prefix", "2001:db8:e000::/40");
    await ok("service", "set", "generic-tunneling", "--approval", "auto");
    await ok("user", "create", "alice");
    const claimed = ["--device", "pi", "--endpoint", "3fff:250::2"];
    await ok("application", "create", "alice", "generic-tunneling", ...claimed);

    const token = await on.json<{ token: string }>("node", "enrol", "pe-1");
    for (const port of portsOf(on.directory)) stack.use(await Relay.start("pe", port, directory));
    const router = new EnrolledAgent(directory, "pe-1", "pe", {});
    stack.defer(() => router.stop("SIGTERM"));
    await router.enrol(token.token);
    router.start();

    home = new EnrolledAgent(directory, "access-1", undefined, {
      lan: ["lan0"],
      runDir: join(directory, "run"),
    });
    stack.defer(() => home.stop("SIGTERM"));
    await home.enrol((await on.json<{ token: string }>("application", "claim", "1")).token);
    home.start();
    await until(
      "the host has an address out of the application's prefix",
      () =>
        /2001:db8:e000:0:[0-9a-f:]+\/64 scope global dynamic/.test(
          inside("c", "ip", "addr", "show", "dev", "net0"),
        ),
      90_000,
    );
    await until(
      "the access router has the tunnel",
      () => /vxt-1/.test(inside("pe", "ip", "link", "show")),
      60_000,
    );
    await until("it gets through", () => answered("c", hostAddress(), WORLD) === 3, 60_000);
    assert.equal(answered("w", WORLD, hostAddress()), 3, "and is reached");
    assert.match(inside("c", "ip", "-6", "route", "show", "default"), /proto ra/);
  });

  test("nothing with another source leaves the home, and what is on no LAN is unreachable", () => {
    inside("c", "ip", "addr", "add", "2001:db8:bad::1/128", "dev", "net0", "nodad");
    assert.equal(arrived("c", "2001:db8:bad::1", WORLD, "w"), 0);
    assert.equal(answered("w", WORLD, "2001:db8:e000:7::1"), 0);
    // It does not go round: the home says so itself.
    const { stdout } = spawnSync(
      "ip",
      ["netns", "exec", nameOf("w"), "ping", "-6", "-c", "1", "-W", "2", "2001:db8:e000:7::1"],
      {
        encoding: "utf8",
      },
    );
    assert.match(stdout, /unreachable|No route/i);
  });

  test("neither a dead controller nor a killed agent costs the host a packet", async () => {
    await on.stop("SIGKILL");
    await home.stop("SIGKILL");
    assert.equal(answered("c", hostAddress(), WORLD), 3);
    home.start();
    await until("it has its document again", () => home.log.split("document in force").length > 2, 60_000);
    assert.equal(answered("c", hostAddress(), WORLD), 3);
    await on.start();
  });

  test("the provider gives another address: the tunnel follows, the application too, and it gets through again", async () => {
    ip(["addr", "add", "3fff:250::3/64", "dev", "wan0", "nodad"]);
    ip(["addr", "del", "3fff:250::2/64", "dev", "wan0"]);
    await until(
      "the tunnel begins there",
      () => /3fff:250::3/.test(ip(["-d", "link", "show", "vxt-1"])),
      60_000,
    );
    // Nobody but the device tells the controller.
    await until("it gets through", () => answered("c", hostAddress(), WORLD) === 3, 60_000);
  });

  test("reset to how it came: no tunnel, no key, nothing of ours in the kernel; a new claim makes it a home again", async () => {
    await home.reset();
    assert.equal(await home.ended(), 0, "the agent ended in order");
    assert.deepEqual(readdirSync(home.stateDir), ["reset-done"]);
    assert.deepEqual(readdirSync(join(directory, "access-1-identity")), []);
    assert.doesNotMatch(ip(["link", "show"]), /vxt-/);
    assert.equal(ip(["-6", "route", "show", "table", "all", "proto", "118"]).trim(), "");
    assert.ok(ipJson(["-6", "-N", "rule", "show"]).every(({ protocol }) => protocol !== "118"));
    assert.doesNotMatch(ip(["addr", "show", "dev", "lan0"]), /2001:db8:/);
    const { stdout } = spawnSync("nft", ["list", "tables"], { encoding: "utf8" });
    assert.doesNotMatch(stdout, /inet vsix$/m);
    assert.equal(arrived("c", hostAddress(), WORLD, "w"), 0);
    home.start();
    assert.equal(await home.ended(), 2, "without a claim it does not run");
    await home.enrol((await on.json<{ token: string }>("application", "claim", "1", "--again")).token);
    assert.deepEqual(readdirSync(home.stateDir), []);
    home.start();
    await until("it gets through", () => answered("c", hostAddress(), WORLD) === 3, 60_000);
  });

  test("an application that is revoked is served no more", async () => {
    assert.equal((await on.vsixctl("application", "revoke", "1")).code, 0);
    await until("the tunnel is gone", () => !/vxt-1/.test(inside("pe", "ip", "link", "show")), 60_000);
    assert.equal(arrived("c", hostAddress(), WORLD, "w"), 0);
  });
}

/** Of the broker and of the enrolment listener. */
function portsOf(bench: string): readonly number[] {
  const config = JSON.parse(readFileSync(join(bench, "config.json"), "utf8")) as {
    readonly mqtt: { readonly listen: { readonly port: number } };
    readonly enrol: { readonly port: number };
  };
  return [config.mqtt.listen.port, config.enrol.port];
}

/** Of the host, as it made it itself. */
function hostAddress(): string {
  const found = /(2001:db8:e000:0:[0-9a-f:]+)\/64/.exec(inside("c", "ip", "addr", "show", "dev", "net0"));
  return found?.[1] ?? assert.fail("the host has no address");
}
