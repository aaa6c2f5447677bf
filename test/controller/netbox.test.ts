import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pino } from "pino";
import { allocatePrefix, changePrefix, createPool } from "../../controller/src/access/addresses.ts";
import { systemClock } from "../../controller/src/clock.ts";
import { NetboxClient } from "../../controller/src/netbox/client.ts";
import { importNetbox } from "../../controller/src/netbox/import.ts";
import { NetboxSync } from "../../controller/src/netbox/sync.ts";
import { Store } from "../../controller/src/store/store.ts";
import { FakeNetbox } from "../fakes/fake-netbox.ts";
import { Bench, freePort, until } from "./harness.ts";

const POOL = { purpose: "tunnel", strategy: "first", quarantineS: 60, note: "" } as const;

async function withSync(
  work: (bed: {
    store: Store;
    clock: typeof systemClock;
    fake: FakeNetbox;
    sync: NetboxSync;
  }) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-netbox-"));
  try {
    await using store = await Store.open(join(directory, "controller.db"));
    await using fake = await FakeNetbox.start();
    const client = new NetboxClient({ url: fake.url, token: () => fake.token, fetch, timeoutMs: 10_000 });
    const sync = new NetboxSync(client, store, systemClock, pino({ level: "silent" }));
    await work({ store, clock: systemClock, fake, sync });
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("the stand-in does what NetBox's source says: pages, first fit, all of a list or nothing, 409, duplicates, tokens", async () => {
  await using fake = await FakeNetbox.start();
  const ask = async (method: string, path: string, body?: object, token = fake.token) => {
    const answer = await fetch(`${fake.url}${path}`, {
      method,
      headers: { authorization: `Token ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  assert.deepEqual(await ask("GET", "/api/ipam/prefixes/", undefined, "x"), {
    status: 403,
    body: { detail: "Invalid token" },
  });
  const parent = fake.enter("2001:db8::/58", "container");
  fake.enter("2001:db8:0:10::/60");
  const path = `/api/ipam/prefixes/${parent}/available-prefixes/`;
  assert.deepEqual(
    (await ask("GET", path)).body.map(({ prefix }: { prefix: string }) => prefix),
    ["2001:db8::/60", "2001:db8:0:20::/59"],
  );
  assert.equal(
    (await ask("POST", path, [{ prefix_length: 60 }, { prefix_length: 59 }, { prefix_length: 60 }])).status,
    409,
  );
  assert.equal(fake.prefixes.size, 2, "nothing of the list");
  assert.equal((await ask("POST", path, { prefix_length: "60" })).status, 400);
  const made = await ask("POST", path, [{ prefix_length: 59 }, { prefix_length: 60 }]);
  assert.deepEqual(
    [made.status, made.body.map(({ prefix }: { prefix: string }) => prefix)],
    [201, ["2001:db8:0:20::/59", "2001:db8::/60"]],
  );
  assert.equal((await ask("POST", path, { prefix_length: 60 })).status, 409);
  assert.equal((await ask("POST", "/api/ipam/prefixes/", { prefix: "2001:db8::/60" })).status, 400);
  const page = (await ask("GET", "/api/ipam/prefixes/?limit=3")).body;
  assert.deepEqual([page.count, page.results.length], [4, 3]);
  const rest = await ask("GET", page.next.slice(fake.url.length));
  assert.equal(rest.body.results.length, 1);
  assert.equal((await ask("DELETE", `/api/ipam/prefixes/${parent}/`)).status, 204);
});

test("pools and prefixes come to be in NetBox, follow ours there, and go; a second run has nothing to do", async () => {
  await withSync(async (bed) => {
    const { store, clock, fake, sync } = bed;
    // Many pages, smaller than asked for.
    fake.maxPage = 3;
    fake.addNamed(fake.sites, "kote");
    fake.addNamed(fake.roles, "tunnel");
    await createPool({ store, clock }, "op", {
      ...POOL,
      name: "home",
      prefix: "2001:db8:100::/48",
      site: "kote",
    });
    const given: string[] = [];
    for (let at = 0; at < 8; at++)
      given.push(
        (await allocatePrefix({ store, clock }, "op", { pool: "home", state: "active", note: `n${at}` }))
          .prefix,
      );
    const dry = await sync.run("op", true);
    assert.deepEqual([dry.counts.create, fake.prefixes.size], [9, 0]);
    assert.equal((await sync.run("op", false)).counts.create, 9);
    assert.equal(fake.find("2001:db8:100::/48")?.status, "container");
    const [row] = [fake.find(given[3] ?? "")];
    assert.deepEqual([row?.status, row?.description, row?.tags], ["active", "n3", ["vsix"]]);
    assert.equal(row?.site, fake.sites[0]?.id);
    assert.equal((await store.read.audit(1))[0]?.what, "netbox sync");

    const before = fake.asked.length;
    assert.deepEqual((await sync.run("op", false)).counts, {
      create: 0,
      update: 0,
      remove: 0,
      adopt: 0,
      release: 0,
    });
    assert.ok(
      fake.asked.slice(before).every((one) => one.startsWith("GET")),
      "a run with nothing to do only looks",
    );

    await changePrefix({ store, clock }, "op", given[3] ?? "", "release", "");
    await sync.run("op", false);
    assert.equal(fake.find(given[3] ?? "")?.status, "deprecated");
    await changePrefix({ store, clock }, "op", given[3] ?? "", "free", "");
    assert.equal((await sync.run("op", false)).counts.remove, 1);
    assert.equal(fake.find(given[3] ?? ""), undefined);
  });
});

test("what a person enters in NetBox is given to nobody here until it is gone there; conflicts are told and touched by neither", async () => {
  await withSync(async ({ store, clock, fake, sync }) => {
    const context = { store, clock };
    await createPool(context, "op", { ...POOL, name: "home", prefix: "2001:db8:100::/58" });
    const id = fake.enter("2001:db8:100::/60", "active", "a lab");
    assert.equal((await sync.run("op", false)).counts.adopt, 1);
    const wish = { pool: "home", state: "active", note: "" } as const;
    assert.equal((await allocatePrefix(context, "op", wish)).prefix, "2001:db8:100:10::/60");
    fake.enter("2001:db8:100:18::/61");
    const told = await sync.run("op", false);
    assert.match(told.plan.conflicts[0]?.reason ?? "", /2001:db8:100:10::\/60 was given out here/);
    assert.equal(fake.find("2001:db8:100:18::/61")?.status, "active");
    fake.prefixes.delete(id);
    assert.equal((await sync.run("op", false)).counts.release, 1);
    assert.equal((await allocatePrefix(context, "op", wish)).prefix, "2001:db8:100::/60");
  });
});

test("a NetBox that fails leaves everything here as it was, and no message holds the token", async () => {
  await withSync(async ({ store, clock, fake, sync }) => {
    await createPool({ store, clock }, "op", { ...POOL, name: "home", prefix: "2001:db8:100::/58" });
    for (const broken of [
      { status: 500, text: "<h1>Server Error</h1>" },
      { status: 200, text: "<html>a login page</html>" },
      { status: 302, text: "" },
    ]) {
      fake.broken = broken;
      await assert.rejects(sync.run("op", false), (error: Error & { code?: string }) => {
        assert.equal(error.code, "netbox");
        assert.ok(!error.message.includes(fake.token));
        return true;
      });
    }
    assert.match(sync.status.error ?? "", /NetBox/);
    assert.equal((await store.read.audit(10)).length, 1, "only the pool");
    fake.broken = undefined;
    await sync.run("op", false);
    assert.equal(sync.status.error, null);
  });
});

test("an export is imported as it was; innermost containers become pools, a dry run changes nothing", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-netbox-"));
  try {
    await using store = await Store.open(join(directory, "controller.db"));
    const context = { store, clock: systemClock };
    const data = [
      { prefix: "2001:db8::/32", status: "container" },
      {
        prefix: "2001:db8:100::/40",
        status: { value: "container" },
        role: { slug: "tunnel" },
        description: "pool home",
      },
      { prefix: "2001:db8:100::/60", status: "active", description: "alice" },
      { prefix: "2001:db8:100:10::/60", status: "deprecated" },
      { prefix: "2001:db8:100:8::/61", status: "active" },
      { prefix: "2001:db8:200::/64", status: "active" },
      { prefix: "192.0.2.0/24", status: "active" },
    ];
    const dry = await importNetbox(context, "op", { data, dryRun: true });
    assert.deepEqual(
      [dry.pools, dry.prefixes],
      [["2001:db8:100::/40"], ["2001:db8:100::/60", "2001:db8:100:10::/60"]],
    );
    assert.equal((await store.read.addresses.pools()).length, 0);
    const done = await importNetbox(context, "op", { data, dryRun: false });
    assert.deepEqual({ ...done, dryRun: true }, dry);
    assert.deepEqual(
      done.skipped.map(({ prefix }) => prefix),
      ["192.0.2.0/24", "2001:db8::/32", "2001:db8:100:8::/61", "2001:db8:200::/64"],
    );
    assert.equal((await store.read.addresses.pool("home"))?.purpose, "tunnel");
    assert.equal((await store.read.addresses.prefix("2001:db8:100:10::/60"))?.state, "revoked");
    assert.equal((await importNetbox(context, "op", { data, dryRun: false })).same, 3);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a controller keeps NetBox in line by itself, hears signed webhooks, and has NetBox choose a pool's prefix", async () => {
  await using fake = await FakeNetbox.start();
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), "vsix-netbox-"));
  const secret = async (name: string, text: string): Promise<string> => {
    const file = join(directory, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const netbox = {
    url: fake.url,
    tokenFile: await secret("token", fake.token),
    webhookSecretFile: await secret("hook", "s3cret"),
    everyS: 3600,
  };
  await using bench = await Bench.make(undefined, { http: { host: "127.0.0.1", port }, netbox });
  await bench.start();
  fake.enter("2001:db8::/32", "container");
  const made = await bench.vsixctl(
    "netbox",
    "pool",
    "home",
    "--container",
    "2001:db8::/32",
    "--size",
    "40",
    "--purpose",
    "tunnel",
  );
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /home: \/60s of 2001:db8::\/40 for tunnel/);
  assert.match(
    (
      await bench.vsixctl(
        "netbox",
        "pool",
        "x",
        "--container",
        "2001:db8::/32",
        "--size",
        "31",
        "--purpose",
        "tunnel",
      )
    ).stderr,
    /NetBox has no free \/31 there: Insufficient space/,
  );
  // A pool that cannot be made here is not left behind there.
  const size = fake.prefixes.size;
  assert.equal(
    (
      await bench.vsixctl(
        "netbox",
        "pool",
        "home",
        "--container",
        "2001:db8::/32",
        "--size",
        "40",
        "--purpose",
        "tunnel",
      )
    ).code,
    1,
  );
  assert.equal(fake.prefixes.size, size);

  await bench.vsixctl("pool", "allocate", "home", "--note", "alice");
  const hook = `http://127.0.0.1:${port}/v1/netbox/webhook`;
  assert.equal(await fake.fire(hook, "wrong", {}), 403);
  assert.equal(await fake.fire(hook, "", {}), 403);
  assert.equal(fake.find("2001:db8::/60"), undefined);
  assert.equal(await fake.fire(hook, "s3cret", {}), 202);
  await until("the webhook has led to a comparison", () => fake.find("2001:db8::/60") !== undefined);
  assert.equal(fake.find("2001:db8::/60")?.description, "alice");
  assert.match((await bench.vsixctl("netbox", "status")).stdout, /compared at/);
  const exported = await bench.vsixctl("netbox", "export");
  const file = join(directory, "export.json");
  await writeFile(file, exported.stdout);
  assert.match(
    (await bench.vsixctl("netbox", "import", file)).stdout,
    /0 pools, 0 prefixes; 2 were here already/,
  );
  await rm(directory, { recursive: true });
});
