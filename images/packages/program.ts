import type { Architecture } from "./architecture.ts";

/** One of our programs, as a Debian package: what differs between the two. */
export interface Program {
  readonly name: "vsix-agent" | "vsix-controller";
  readonly section: string;
  readonly summary: string;
  readonly description: readonly string[];
  readonly depends: readonly string[];
  readonly recommends: readonly string[];
  readonly suggests: readonly string[];
  /** As bundle() takes them; they become files of /usr/lib/NAME. */
  readonly entries: Readonly<Record<string, string>>;
  /** npm packages that stay packages, for they have machine code. */
  readonly external: readonly string[];
  /** Whether agent/native belongs to it. */
  readonly addon: boolean;
  /** Our files (`files/`) and where they go, with modes. */
  readonly files: readonly (readonly [from: string, to: string, mode: number])[];
  /** Maintainer scripts: which file becomes which. */
  readonly scripts: readonly (readonly [from: string, to: string])[];
  /** Configuration that dpkg asks about before it replaces what an administrator changed. */
  readonly conffiles: readonly string[];
}

/** What node is linked with: readelf -d and -V of the two binaries. GLIBCXX_3.4.21 came with GCC 5. */
const RUNTIME = ["libc6 (>= 2.28)", "libgcc-s1 (>= 3.4)", "libstdc++6 (>= 5.2)"] as const;
/** For the user of its service and for enabling it. */
const SERVICE = [
  "init-system-helpers (>= 1.54~)",
  "systemd | systemd-standalone-sysusers | systemd-sysusers",
];

const AGENT: Program = {
  name: "vsix-agent",
  section: "net",
  summary: "agent of an IPv6-only network, for its routers",
  description: [
    "Runs on every router of a vSIX network: reads a signed document from the controller, makes kernel (routes, SRv6, nftables, tunnels, WireGuard) and GoBGP match it, and reports what it observes. It goes on forwarding without a controller.",
    "It also traces and watches paths, tells how the network feels, and captures DNS, on any Linux machine and without a controller. The package has its own Node.js runtime.",
  ],
  depends: [...RUNTIME, ...SERVICE, "gobgpd (>= 3.10)", "nftables"],
  recommends: ["publicsuffix"],
  suggests: ["kea-dhcp6-server", "tayga", "unbound", "wireguard-go"],
  entries: { main: "agent/src/main.ts", "capture-worker": "agent/src/sensors/capture-worker.ts" },
  external: [],
  addon: true,
  files: [["agent/vsix-agent", "usr/bin/vsix-agent", 0o755]],
  scripts: [],
  conffiles: [],
};

export const PROGRAMS: Readonly<Record<string, Program>> = { agent: AGENT };

/** Where a program's own files are. */
export const homeOf = ({ name }: Program): string => `usr/lib/${name}`;

/** The name of a package's file, as dpkg-deb --build gives it. */
export const fileNameOf = ({ name }: Program, version: string, architecture: Architecture): string =>
  `${name}_${version}_${architecture}.deb`;
