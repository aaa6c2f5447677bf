import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { Store } from "../store/store.ts";
import { TokenKeeper } from "../tokens/keeper.ts";
import { createAccount, setAccountState, setPolicy } from "./accounts.ts";
import { createPool } from "./addresses.ts";
import { act, apply } from "./applications.ts";
import { AccessBook } from "./book.ts";
import { served, userOf } from "./served.ts";
import { UserStandings } from "./standings.ts";
import { vpnSettings } from "./vpn.ts";

const POOL = { strategy: "first", quarantineS: 60, note: "", purpose: "vpn-address" } as const;
const KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

test("an application without settings says why: applied, on its way to its routers, at no point, its user suspended", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-vpn-"));
  try {
    await using store = await Store.open(join(directory, "controller.db"));
    const tokens = await TokenKeeper.open(store, systemClock, () => randomBytes(32));
    const bed = { store, clock: systemClock, tokens };
    const book = new AccessBook();
    const standings = new UserStandings(book, () => undefined, systemClock.wallMs);
    const context = { store, users: { book, standings } } as unknown as Context;
    await createAccount(bed, "op", { name: "alice", display: "alice" });
    await createPool(bed, "op", { ...POOL, name: "vpn", prefix: "2001:db8:0:200::/64" });
    const said = async (id: number): Promise<readonly [string, string]> => {
      const row = (await store.read.accounts.application(id)) ?? assert.fail("no application");
      const error = await vpnSettings(context, row).then(
        () => assert.fail("settings"),
        (why: unknown) => why,
      );
      assert.ok(error instanceof ControllerError);
      return [error.code, error.message];
    };
    await setPolicy(bed, "op", "remote-access-vpn", { approval: "manual" });
    const wish = { service: "remote-access-vpn", account: "alice", device: "phone", publicKey: KEY } as const;
    const { id } = await apply(bed, { who: "op" }, { ...wish, note: "" });
    assert.deepEqual(await said(id), ["application-state", `application ${id} is not served: it is applied`]);
    await act(bed, { who: "op" }, id, "approve", "");
    const [code, message] = await said(id);
    assert.equal(code, "vpn-not-ready");
    assert.match(message, /on its way to its routers/);
    book.setAll((await served(store.read, "all")).map((one) => userOf(one, () => KEY)));
    assert.match((await said(id))[1], /not served: no access point/);
    await setAccountState(bed, "op", "alice", "suspended", "");
    assert.match((await said(id))[1], /not served: its user is suspended/);
  } finally {
    await rm(directory, { recursive: true });
  }
});
