import { createHash, timingSafeEqual } from "node:crypto";
import { canonicalAddress } from "@vsix/shared/net/address.ts";
import { timestamp } from "../clock.ts";
import { isLiving } from "../core/access/applications.ts";
import { endpointFault } from "../core/access/endpoint.ts";
import { lacks, type Service } from "../core/access/services.ts";
import { publicKeyFault } from "../core/access/wireguard-key.ts";
import { ControllerError } from "../errors.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";
import { poolOfRow } from "../store/access/reader.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import type { AccountContext } from "./accounts.ts";
import { type Asker, requireChangeable } from "./applications.ts";
import { record, remember } from "./record.ts";

/** What a user says of the other end. */
export interface EndsWish {
  readonly endpoint?: string;
  readonly publicKey?: string;
}

/** Changes where a tunnel ends, or whose key counts. Throws as `checkEnds`, `unknown-application`, `application-state`. */
export async function changeEnds(
  { store, clock }: AccountContext,
  asker: Asker,
  id: number,
  wish: EndsWish,
): Promise<ApplicationTable> {
  const nowMs = clock.wallMs();
  const at = timestamp(nowMs);
  return store.transaction(async (tx) => {
    const row = requireLiving(await requireChangeable(tx, asker, id));
    await exchange(tx, row, wish, asker.who, nowMs);
    const ends = await checkEnds(tx, row, wish);
    const changed = await writeEnds(tx, row, ends, at);
    const deed = {
      at,
      who: asker.who,
      what: "application change",
      kind: "application",
      subject: String(id),
    } as const;
    await record(tx, { ...deed, detail: { ...ends } });
    return changed;
  });
}

/** Makes a key that updates the endpoint; the one before is good for nothing. Its text is told once. */
export async function makeUpdateKey(
  { store, clock }: AccountContext,
  asker: Asker,
  id: number,
  random: Uint8Array,
): Promise<string> {
  const at = timestamp(clock.wallMs());
  const key = `vsixu_${Buffer.from(random).toString("base64url")}`;
  await store.transaction(async (tx) => {
    const row = requireLiving(await requireChangeable(tx, asker, id));
    if (row.service === "remote-access-vpn")
      throw new ControllerError("bad-application", `application ${id} has no endpoint that could be updated`);
    await tx.accounts.changeApplication(id, { update_hash: hashOf(key).toString("hex"), endpoint_number: 0 });
    await record(tx, {
      at,
      who: asker.who,
      what: "application key",
      kind: "application",
      subject: String(id),
      detail: {},
    });
  });
  return key;
}

export interface EndpointUpdate {
  readonly application: number;
  readonly key: string;
  readonly endpoint: string;
  /** Grows from update to update, where the sender counts: an older one is refused, so none can be played again. */
  readonly number?: number;
}

/**
 * A user's router says where it is now, with the key of its tunnel. Throws `update-refused` (no such application, or not
 * its key: the same words and about the same time), `update-replayed`, `bad-endpoint`, `endpoint-taken`.
 */
export async function updateEndpoint(
  { store, clock }: AccountContext,
  update: EndpointUpdate,
): Promise<{ readonly endpoint: string; readonly changed: boolean }> {
  const nowMs = clock.wallMs();
  const at = timestamp(nowMs);
  const hash = hashOf(update.key);
  const taken = await store.transaction(async (tx) => {
    const row = await tx.accounts.application(update.application);
    const wanted = row?.update_hash == null ? NO_KEY : Buffer.from(row.update_hash, "hex");
    const right = timingSafeEqual(wanted, hash);
    if (row === undefined || !right || !isLiving(row.state))
      throw new ControllerError("update-refused", "no such tunnel, or not its key");
    const { number = row.endpoint_number } = update;
    if (number < row.endpoint_number || (update.number !== undefined && number === row.endpoint_number))
      throw new ControllerError(
        "update-replayed",
        `update ${number} is not newer than ${row.endpoint_number}, which was taken already`,
      );
    const wish = { endpoint: update.endpoint };
    if (
      !(await exchange(tx, row, wish, `key of ${row.id}`, nowMs)) &&
      (await holderOf(tx, row, wish)) !== undefined
    ) {
      // Not taken, but remembered: a transaction that throws would forget it.
      const wanted = canonicalAddress(update.endpoint);
      await tx.accounts.changeApplication(row.id, { endpoint_wish: wanted ?? null, endpoint_wish_at: at });
      return new ControllerError("endpoint-taken", takenWords(row.service, wanted ?? ""));
    }
    const ends = await checkEnds(tx, row, wish);
    const changed = ends.endpoint !== row.endpoint;
    if (number !== row.endpoint_number)
      await tx.accounts.changeApplication(row.id, { endpoint_number: number });
    if (changed) {
      await writeEnds(tx, row, ends, at);
      const detail = { endpoint: ends.endpoint, before: row.endpoint };
      // Not in the audit log: a router that moves to and fro would fill it.
      await remember(tx, {
        at,
        who: `key of ${row.id}`,
        what: "endpoint",
        kind: "application",
        subject: String(row.id),
        detail,
      });
    }
    return { endpoint: ends.endpoint ?? "", changed };
  });
  if (taken instanceof ControllerError) throw taken;
  return taken;
}

/** How long it is remembered where a tunnel wanted to end, milliseconds. */
const WISH_MS = 600_000;

/**
 * Two tunnels that want each other's endpoint exchange them in one transaction: each would wait for the other for ever. Only who wants
 * to leave is moved; true when that happened, and the endpoint is free.
 */
async function exchange(
  tx: StoreTransaction,
  row: ApplicationTable,
  wish: EndsWish,
  who: string,
  nowMs: number,
): Promise<boolean> {
  const other = await holderOf(tx, row, wish);
  if (other === undefined || row.endpoint === null || other.endpoint_wish !== row.endpoint) return false;
  if (Date.parse(other.endpoint_wish_at ?? "") < nowMs - WISH_MS) return false;
  const at = timestamp(nowMs);
  await writeEnds(tx, other, { endpoint: row.endpoint }, at);
  const detail = { endpoint: row.endpoint, before: other.endpoint, exchangedWith: row.id };
  const subject = String(other.id);
  await remember(tx, { at, who, what: "endpoint", kind: "application", subject, detail });
  // For the moment nobody ends where both do: the one who asks goes on to where the other was.
  await tx.accounts.changeApplication(row.id, { endpoint: null });
  return true;
}

/** The application that is not over and ends where this one wants to. */
async function holderOf(
  tx: StoreTransaction,
  { id, site, service }: ApplicationTable,
  { endpoint }: EndsWish,
): Promise<ApplicationTable | undefined> {
  const canonical = endpoint === undefined ? undefined : canonicalAddress(endpoint);
  if (canonical === undefined) return undefined;
  const others = await tx.accounts.livingWith({ endpoint: canonical });
  return others.find((one) => one.id !== id && one.site === site && one.service === service);
}

function takenWords(service: Service, endpoint: string): string {
  return `another ${service} ends at ${endpoint}; one address has one of them a site`;
}

/**
 * The device that enrolled for an application says where its tunnel begins; true where that was somewhere else. Throws `update-refused` (the
 * application is over), `bad-endpoint`, `endpoint-taken`.
 */
export async function followDevice(
  { store, clock }: Pick<AccountContext, "store" | "clock">,
  application: number,
  endpoint: string,
): Promise<boolean> {
  const at = timestamp(clock.wallMs());
  return store.transaction(async (tx) => {
    const row = await tx.accounts.application(application);
    if (row === undefined || !isLiving(row.state))
      throw new ControllerError("update-refused", `application ${application} is over`);
    const ends = await checkEnds(tx, row, { endpoint });
    if (ends.endpoint === row.endpoint) return false;
    await writeEnds(tx, row, ends, at);
    const deed = { at, who: `device of ${row.id}`, what: "endpoint", kind: "application" } as const;
    const detail = { endpoint: ends.endpoint, before: row.endpoint };
    await remember(tx, { ...deed, subject: String(row.id), detail });
    return true;
  });
}

/**
 * Checks and normalises. Throws `bad-endpoint`, `bad-public-key`, `bad-application` for what the service has no use for,
 * `endpoint-taken`, `public-key-taken` where another application that is not over has it.
 */
export async function checkEnds(
  tx: StoreTransaction,
  {
    service,
    site,
    id,
  }: { readonly service: Service; readonly site: string | null; readonly id: number | null },
  wish: EndsWish,
): Promise<EndsWish> {
  const { endpoint, publicKey } = wish;
  const vpn = service === "remote-access-vpn";
  if (vpn && endpoint !== undefined)
    throw new ControllerError(
      "bad-application",
      "a VPN device tells its endpoint by its packets: leave it out",
    );
  if (!vpn && publicKey !== undefined)
    throw new ControllerError("bad-application", `${service} has no use for a public key`);
  const others = async (of: Partial<Pick<ApplicationTable, "endpoint" | "public_key">>) =>
    (await tx.accounts.livingWith(of)).filter((row) => row.id !== id);
  if (publicKey !== undefined) {
    const fault = publicKeyFault(publicKey);
    if (fault !== undefined) throw new ControllerError("bad-public-key", fault);
    // WireGuard knows peers by their keys: two with one key are one.
    if ((await others({ public_key: publicKey })).length > 0)
      throw new ControllerError(
        "public-key-taken",
        "another device has this public key: make a key pair for each device",
      );
    return { publicKey };
  }
  if (endpoint === undefined) return {};
  const pools = (await tx.addresses.pools()).map((row) => poolOfRow(row).prefix);
  const fault = endpointFault(endpoint, pools);
  if (fault !== undefined) throw new ControllerError("bad-endpoint", fault);
  const canonical = canonicalAddress(endpoint) ?? endpoint;
  // An access router tells tunnels apart by their far ends; another site has another router.
  const taken = (await others({ endpoint: canonical })).some(
    (row) => row.site === site && row.service === service,
  );
  if (taken) throw new ControllerError("endpoint-taken", takenWords(service, canonical));
  return { endpoint: canonical };
}

async function writeEnds(
  tx: StoreTransaction,
  row: ApplicationTable,
  { endpoint, publicKey }: EndsWish,
  at: string,
): Promise<ApplicationTable> {
  const change = {
    ...(endpoint === undefined
      ? {}
      : { endpoint, endpoint_at: at, endpoint_wish: null, endpoint_wish_at: null }),
    ...(publicKey === undefined ? {} : { public_key: publicKey }),
  };
  const after = { ...row, ...change };
  const lack = lacks(row.service, { endpoint: after.endpoint, publicKey: after.public_key });
  const completed =
    row.state === "approved" && lack === undefined ? { state: "active" as const, since: at } : {};
  if (Object.keys(change).length > 0)
    await tx.accounts.changeApplication(row.id, { ...change, ...completed });
  return { ...after, ...completed };
}

function requireLiving(row: ApplicationTable): ApplicationTable {
  if (isLiving(row.state)) return row;
  throw new ControllerError("application-state", `application ${row.id} is ${row.state}; that is over`);
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** What the key of an unknown application is compared with, so that it takes as long. */
const NO_KEY = Buffer.alloc(32);
