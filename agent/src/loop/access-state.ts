import type { Access } from "@vsix/shared/contract/part-access.ts";
import { type AccessFilters, compileAccessFilters } from "../core/access-filters.ts";
import { NO_COUNTS, type UserCounts } from "../core/access-message.ts";
import { type AccessFacts, compileAccess, type DesiredAccess } from "../core/compile/access.ts";
import type { DesiredDelegation } from "../core/delegation/desired.ts";
import { OWN_GROUP, TUNNEL_PREFIX, WIREGUARD_PREFIX } from "../core/ownership.ts";
import { ResourceTable } from "../core/resource-table.ts";
import type { Secret } from "../core/secret.ts";
import type { LinkTable } from "../io/links.ts";
import type { NetlinkSocket } from "../io/netlink.ts";
import { srSourceDriver } from "../resources/sr-source/driver.ts";
import { srSourceKind } from "../resources/sr-source/model.ts";
import { tunnelDriver } from "../resources/tunnel/driver.ts";
import { type TunnelObject, tunnelKind } from "../resources/tunnel/model.ts";
import { wireguardDriver } from "../resources/wireguard/driver.ts";
import { GoWireguard } from "../resources/wireguard/go-backend.ts";
import { KernelWireguard } from "../resources/wireguard/kernel-backend.ts";
import { wireguardKind } from "../resources/wireguard/model.ts";
import { type PeerUse, wireguardPeerDriver } from "../resources/wireguard-peer/driver.ts";
import { wireguardPeerKind } from "../resources/wireguard-peer/model.ts";
import { readSrv6Counts, readTunnelCounts } from "../sensors/user-counts.ts";
import { type Managed, manage } from "./managed-kind.ts";

export interface AccessStateOptions {
  readonly netlink: NetlinkSocket;
  readonly links: LinkTable;
  /** Private key of a WireGuard device by its id. May throw. */
  readonly keyOf: (id: string) => Secret;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Somebody's time is over: what is desired has to be worked out anew. */
  readonly onExpiry: () => void;
  /** Something else is told in tunnels by DHCPv6. */
  readonly onDelegation: (delegation: DesiredDelegation | undefined) => void;
}

const isDelete = ({ op }: { readonly op: string }): boolean => op === "delete";

/** Node's timers hold no more milliseconds than this; a later end is looked for again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Users of an access router: devices and peers as kinds of their own, and what the other kinds have to hold for them. */
export class AccessState implements AsyncDisposable {
  /** After nftables and before addresses: whatever comes up is filtered from its first packet. */
  readonly kinds: readonly Managed[];
  readonly #options: AccessStateOptions;
  readonly #kernel: KernelWireguard;
  readonly #tunnel = new ResourceTable(tunnelKind);
  readonly #wireguard = new ResourceTable(wireguardKind);
  readonly #peer = new ResourceTable(wireguardPeerKind);
  readonly #source = new ResourceTable(srSourceKind);
  readonly #peerReader: ReturnType<typeof wireguardPeerDriver>;
  readonly #uses = new Map<string, readonly PeerUse[]>();
  #known = false;
  #access: Access | undefined;
  #dev: string | undefined;
  #loopback: string | undefined;
  #desired: DesiredAccess | undefined;
  #filters: AccessFilters | undefined;
  #version = 0;
  #timer: NodeJS.Timeout | undefined;
  #homeTunnels: readonly TunnelObject[] = [];

  constructor(options: AccessStateOptions) {
    const { netlink, links } = options;
    this.#options = options;
    this.#kernel = new KernelWireguard(netlink);
    const backends = [this.#kernel, new GoWireguard(netlink)];
    const known = (): boolean => this.#known;
    const onUse = (device: string, use: readonly PeerUse[]): void => void this.#uses.set(device, use);
    this.#peerReader = wireguardPeerDriver(links, backends, onUse);
    this.kinds = [
      manage(this.#tunnel, tunnelDriver(netlink, links), known),
      manage(this.#wireguard, wireguardDriver(netlink, links, backends), known),
      manage(this.#peer, wireguardPeerDriver(links, backends, onUse), known, {
        cuts: () => isDelete,
      }),
      manage(
        this.#source,
        srSourceDriver(() => this.#source.desiredCount > 0),
        known,
      ),
    ];
  }

  /** Grows whenever something else may be desired. */
  get version(): number {
    return this.#version;
  }

  /** Users and devices, as the document says. */
  get access(): Access | undefined {
    return this.#access;
  }

  get desired(): DesiredAccess | undefined {
    return this.#desired;
  }

  get filters(): AccessFilters | undefined {
    return this.#filters;
  }

  /** What users have sent and were sent, as the kernel counted it until now. Throws what the kernel's readers throw. */
  async counts(signal: AbortSignal): Promise<UserCounts> {
    const { netlink } = this.#options;
    const { users } = this.#desired ?? {};
    if (users === undefined) return NO_COUNTS;
    if (users.peers.length > 0) await this.#peerReader.observe(signal);
    return {
      tunnels: users.tunnels.length === 0 ? new Map() : await readTunnelCounts(netlink, signal),
      srv6: users.srv6.length === 0 ? new Map() : await readSrv6Counts(signal),
      peers: new Map(
        [...this.#uses].flatMap(([device, uses]) =>
          uses.map(({ publicKey, handshakeMs, rxOctets, txOctets }) => [
            `${device.slice(WIREGUARD_PREFIX.length)} ${publicKey}`,
            { rxOctets, txOctets, ...(handshakeMs === 0 ? {} : { handshakeMs }) },
          ]),
        ),
      ),
    };
  }

  /** Whether a device is one of those that are made here: their coming and going is nobody's news. */
  isOwn(link: { readonly name: string; readonly group: number }): boolean {
    return (
      (link.name.startsWith(TUNNEL_PREFIX) && link.group === OWN_GROUP) ||
      link.name.startsWith(WIREGUARD_PREFIX)
    );
  }

  configure(access: Access | undefined): void {
    this.#known = true;
    this.#access = access;
    this.#version++;
    this.#desired = undefined;
  }

  recompile({
    dev,
    portMtu,
    loopback,
    sidBlock,
  }: Pick<AccessFacts, "dev" | "portMtu"> & {
    readonly loopback: string;
    readonly sidBlock: string;
  }): DesiredAccess | undefined {
    const nowMs = this.#options.now();
    const isOver = (this.#desired?.nextExpiryMs ?? Number.POSITIVE_INFINITY) <= nowMs;
    const isSame = dev === this.#dev && loopback === this.#loopback && portMtu === this.#desired?.portMtu;
    if (this.#desired !== undefined && isSame && !isOver) return this.#desired;
    this.#dev = dev;
    this.#loopback = loopback;
    this.#version++;
    const faults = new Map<string, string>();
    const keyOf = (id: string): Secret | undefined => {
      try {
        return this.#options.keyOf(id);
      } catch (error) {
        faults.set(`key of WireGuard device ${id}`, error instanceof Error ? error.message : String(error));
        return undefined;
      }
    };
    const fresh =
      this.#access === undefined
        ? undefined
        : compileAccess(this.#access, { nowMs, keyOf, dev, portMtu, loopback });
    this.#desired =
      fresh === undefined ? undefined : { ...fresh, waiting: new Map([...fresh.waiting, ...faults]) };
    this.#filters =
      this.#access === undefined || fresh === undefined
        ? undefined
        : compileAccessFilters(this.#access, fresh, sidBlock, this.#filters);
    this.#tunnel.setDesired([...(fresh?.tunnels ?? []), ...this.#homeTunnels]);
    this.#wireguard.setDesired(fresh?.devices ?? []);
    this.#peer.setDesired(fresh?.peers ?? []);
    this.#source.setDesired(fresh?.source === undefined ? [] : [{ address: fresh.source }]);
    this.#await(fresh?.nextExpiryMs, nowMs);
    this.#options.onDelegation(fresh?.delegation);
    return this.#desired;
  }

  /** Tunnels that this router has of its own, as a user. */
  alsoTunnels(tunnels: readonly TunnelObject[]): void {
    this.#homeTunnels = tunnels;
    this.#tunnel.setDesired([...(this.#desired?.tunnels ?? []), ...tunnels]);
  }

  #await(atMs: number | undefined, nowMs: number): void {
    clearTimeout(this.#timer);
    if (atMs === undefined) return;
    const afterMs = Math.min(LONGEST_TIMER_MS, Math.max(0, atMs - nowMs));
    this.#timer = setTimeout(() => this.#options.onExpiry(), afterMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#kernel[Symbol.asyncDispose]();
  }
}
