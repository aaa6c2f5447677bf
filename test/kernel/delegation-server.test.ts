import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { keaCommand, keaConfig } from "../../agent/src/core/delegation/kea-config.ts";
import { DELEGATION_PORT } from "../../agent/src/core/ownership.ts";
import { Daemon } from "../../agent/src/io/daemon.ts";
import { userOf } from "../../agent/src/io/program-user.ts";
import { delegationDriver } from "../../agent/src/resources/delegation/driver.ts";
import { type DelegationObject, delegationKind } from "../../agent/src/resources/delegation/model.ts";
import {
  DHCP6_TYPE,
  decodeRelayReply,
  decodeServerMessage,
  encodeRelayForward,
} from "../../agent/src/wire/dhcp6.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import { assertKernelLaw, reconcile } from "./law.ts";

const LINK = "2001:db8::1";
const PREFIX = { a: "2001:db8:a::/60", b: "2001:db8:b::/60" } as const;

if (await insideNamespace("kea", import.meta.url)) {
  // Not under /tmp: Kea is not root, and goes through every folder above.
  const run = `/run/vt-kea-${process.pid}`;
  const directory = join(run, "delegation");
  const leaseCommands = globSync("/usr/lib/*/kea/hooks/libdhcp_lease_cmds.so")[0];
  const newDaemon = (): Daemon =>
    new Daemon({
      ...{ directory, name: "kea-dhcp6", user: userOf("_kea") },
      onEnd: () => undefined,
      now: () => performance.now(),
    });
  let daemon = newDaemon();
  const newDriver = () => delegationDriver(directory, daemon, userOf("_kea"));
  const object = (server: string, ...names: readonly (keyof typeof PREFIX)[]): DelegationObject => {
    const tunnels = names.map((name, i) => ({
      interface: `vxt-${name}`,
      number: i + 1,
      prefixes: [PREFIX[name]],
    }));
    const told = {
      link: LINK,
      server,
      preferredS: 2700,
      validS: 5400,
      resolvers: ["2001:db8:53::53"],
      tunnels,
    };
    return { name: "kea-dhcp6", config: keaConfig(told, { directory, leaseCommands }) };
  };
  ip(["addr", "add", `${LINK}/128`, "dev", "lo"]);
  const socket = createSocket("udp6");
  await new Promise<void>((resolve) => socket.bind({ address: LINK, port: 547 }, resolve));
  after(async () => {
    socket.close();
    await daemon.stop();
    rmSync(run, { recursive: true, force: true });
  });

  test("a server obeys the kernel law, runs as nobody special, and leaves nothing; the machine's own Kea goes on", async () => {
    const place = join(run, "foreign");
    mkdirSync(place, { recursive: true });
    const file = join(place, "kea-dhcp6.json");
    const memory = { type: "memfile", persist: false };
    const id = { type: "LL", htype: 27, identifier: "0200000000000001", persist: false };
    const config = { "interfaces-config": { interfaces: [] }, "lease-database": memory, "server-id": id };
    writeFileSync(file, JSON.stringify({ Dhcp6: config }));
    const [env = "", ...args] = keaCommand(place, ["-p", "20547", "-c"], file);
    mkdirSync(join(place, "data"));
    const foreign = spawn(env, args, { stdio: "ignore" });
    await assertKernelLaw(delegationKind, newDriver, [object("p", "a", "b")], () => {
      const status = readFileSync(`/proc/${daemon.find()}/status`, "utf8");
      assert.equal(Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1]), userOf("_kea")?.uid);
    });
    assert.equal(foreign.exitCode, null);
    foreign.kill("SIGKILL");
  });

  test("a tunnel's prefix is given in it and no other's; one more is taken by the same process, whose leases stay", async () => {
    await reconcile(delegationKind, newDriver(), [object("p", "a")]);
    const pid = daemon.pid;
    assert.deepEqual(await ask("a", 1, DHCP6_TYPE.SOLICIT), {
      prefixes: [PREFIX.a],
      validS: [5400],
      statuses: [],
    });
    await take("a", 1);
    assert.deepEqual((await ask("b", 2, DHCP6_TYPE.SOLICIT)).prefixes, []);
    const { outcomes } = await reconcile(delegationKind, newDriver(), [object("p", "a", "b")]);
    assert.deepEqual(outcomes, [{ key: "kea-dhcp6", ok: true }]);
    assert.equal(daemon.pid, pid);
    assert.deepEqual((await ask("b", 2, DHCP6_TYPE.SOLICIT)).prefixes, [PREFIX.b]);
    assert.deepEqual((await ask("a", 1, DHCP6_TYPE.RENEW)).validS, [5400]);
    assert.deepEqual((await ask("a", 3, DHCP6_TYPE.SOLICIT)).statuses, [6], "the lease is known");
  });

  test("what Kea would not take is told, and what runs goes on", async () => {
    const pid = daemon.pid;
    const good = object("p", "a", "b");
    const bad = { ...good, config: good.config.replace('"delegated-len":60', '"delegated-len":59') };
    const { outcomes } = await reconcile(delegationKind, newDriver(), [bad]);
    assert.ok(outcomes[0]?.ok === false);
    assert.match(outcomes[0].reason, /delegated length/i);
    assert.equal(daemon.pid, pid);
    assert.deepEqual((await ask("a", 1, DHCP6_TYPE.RENEW)).validS, [5400]);
    assert.deepEqual((await reconcile(delegationKind, newDriver(), [good])).changes, []);
  });

  test("a keeper that has just begun adopts what runs; a configuration that somebody else changed is written again", async () => {
    const pid = daemon.pid;
    daemon[Symbol.dispose]();
    daemon = newDaemon();
    assert.deepEqual((await reconcile(delegationKind, newDriver(), [object("p", "a", "b")])).changes, []);
    assert.equal(daemon.pid, pid);
    writeFileSync(join(directory, "kea-dhcp6.json"), "{}");
    const { changes } = await reconcile(delegationKind, newDriver(), [object("p", "a", "b")]);
    assert.deepEqual(
      changes.map(({ op }) => op),
      ["replace"],
    );
    assert.deepEqual((await ask("a", 1, DHCP6_TYPE.RENEW)).validS, [5400]);
  });

  test("another router of the same point renews what it never gave; one of another point is asked in vain by name", async () => {
    await reconcile(delegationKind, newDriver(), []);
    await reconcile(delegationKind, newDriver(), [object("p", "a")]);
    assert.deepEqual(await ask("a", 1, DHCP6_TYPE.RENEW), {
      prefixes: [PREFIX.a],
      validS: [5400],
      statuses: [],
    });
    await reconcile(delegationKind, newDriver(), [object("q", "a")]);
    const question = message("a", 1, DHCP6_TYPE.RENEW);
    assert.equal(await heard(socket, "a", question, 1000), undefined);
    server = undefined;
    assert.deepEqual((await ask("a", 1, DHCP6_TYPE.REBIND)).validS, [5400]);
  });

  let server: Buffer | undefined;

  async function take(name: keyof typeof PREFIX, client: number): Promise<void> {
    assert.deepEqual((await ask(name, client, DHCP6_TYPE.REQUEST)).validS, [5400]);
  }

  async function ask(name: keyof typeof PREFIX, client: number, type: number) {
    const answer = await heard(socket, name, message(name, client, type), 10_000);
    assert.ok(answer !== undefined, "no answer");
    const { prefixes, statuses } = decodeServerMessage(answer);
    const bytes = Buffer.from(answer);
    for (let at = 4; at + 4 <= bytes.length; at += 4 + bytes.readUInt16BE(at + 2))
      if (bytes.readUInt16BE(at) === 2)
        server = Buffer.from(bytes.subarray(at, at + 4 + bytes.readUInt16BE(at + 2)));
    return {
      prefixes: prefixes.map(({ prefix }) => prefix),
      validS: prefixes.map(({ validS }) => validS),
      statuses,
    };
  }

  /** With what a client knows by then: REBIND and SOLICIT name no server. */
  function message(name: keyof typeof PREFIX, client: number, type: number): Buffer {
    const named = type === DHCP6_TYPE.REQUEST || type === DHCP6_TYPE.RENEW;
    const has = type !== DHCP6_TYPE.SOLICIT;
    const prefix = Buffer.from(`3c20010db8000${name}${"00".repeat(10)}`, "hex");
    const inner = has ? option(26, Buffer.alloc(8), prefix) : Buffer.alloc(0);
    return Buffer.concat([
      Buffer.from([type, 1, 2, client]),
      option(1, Buffer.from(`0003000102000000000${client}`, "hex")),
      named && server !== undefined ? server : Buffer.alloc(0),
      option(25, Buffer.from([0, 0, 0, 1]), Buffer.alloc(8), inner),
    ]);
  }
}

function option(code: number, ...body: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(
    body.reduce((sum, { length }) => sum + length, 0),
    2,
  );
  return Buffer.concat([head, ...body]);
}

/** What the server says to a client behind a tunnel; undefined when it says nothing. */
async function heard(
  socket: Socket,
  name: string,
  bytes: Buffer,
  limitMs: number,
): Promise<Uint8Array | undefined> {
  const link = { link: LINK, peer: "fe80::2", interfaceId: `vxt-${name}` };
  const answer = once(socket, "message", { signal: AbortSignal.timeout(limitMs) });
  socket.send(encodeRelayForward(bytes, link), DELEGATION_PORT, "::1");
  const [said] = await answer.catch(() => []);
  return said === undefined ? undefined : decodeRelayReply(said as Buffer).message;
}
