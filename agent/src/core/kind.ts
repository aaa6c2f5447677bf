/** One kind of resource, pure half. The shell half is a Driver; diff, order, retries and reporting are written once. */

/** In the order things must be created; deletion goes the other way. */
export const KIND_ORDER = [
  "sysctl",
  "link",
  "nftables",
  "tunnel",
  "wireguard",
  "wireguard-peer",
  "sr-source",
  "address",
  "nexthop",
  "route",
  "sid",
  "rule",
  "bgp",
  "resolver",
  "translator",
  "delegation",
  "router-advertisement",
] as const;
export type KindName = (typeof KIND_ORDER)[number];

export interface Kind<T> {
  readonly name: KindName;
  /** Identity in the kernel: two objects with one key cannot exist side by side. */
  key(object: T): string;
  /** Brings a desired object to the form in which the kernel reads it back (a metric of 0 reads back as 1024). */
  normalise(desired: T): T;
  /** Whether the observed object is what a (normalised) desired one asks for. */
  equal(desired: T, observed: T): boolean;
  /**
   * What of an object counts where two states are compared by digests: the same of any two that are `equal`. Absent: all of it.
   */
  content?(object: T): unknown;
  /** One line for people, in iproute2's words where it has them. */
  describe(object: T): string;
}

export type Change<T> =
  | { readonly op: "create"; readonly key: string; readonly desired: T }
  | { readonly op: "replace"; readonly key: string; readonly desired: T; readonly observed: T }
  | { readonly op: "delete"; readonly key: string; readonly observed: T };

export type Outcome =
  | { readonly key: string; readonly ok: true }
  | { readonly key: string; readonly ok: false; readonly errno: number; readonly reason: string };
