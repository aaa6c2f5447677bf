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
  /** Whether the web application (controller/web) does. */
  readonly web: boolean;
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
  depends: [...RUNTIME, ...SERVICE, "gobgpd (>= 3.10)", "iproute2", "nftables"],
  recommends: ["publicsuffix"],
  suggests: ["kea-dhcp6-server", "tayga", "unbound", "wireguard-go"],
  entries: { main: "agent/src/main.ts", "capture-worker": "agent/src/sensors/capture-worker.ts" },
  external: [],
  addon: true,
  web: false,
  files: [
    ["agent/vsix-agent", "usr/bin/vsix-agent", 0o755],
    ["agent/vsix-agent.service", "lib/systemd/system/vsix-agent.service", 0o644],
    ["agent/vsix-gobgpd.service", "lib/systemd/system/vsix-gobgpd.service", 0o644],
    ["agent/sysusers.conf", "usr/lib/sysusers.d/vsix-agent.conf", 0o644],
    ["agent/tmpfiles.conf", "usr/lib/tmpfiles.d/vsix-agent.conf", 0o644],
    ["agent/agent.json", "usr/share/doc/vsix-agent/examples/agent.json", 0o644],
    ["agent/services.conf", "usr/share/doc/vsix-agent/examples/services.conf", 0o644],
    ["agent/lintian-overrides", "usr/share/lintian/overrides/vsix-agent", 0o644],
  ],
  scripts: scriptsOf("agent"),
  conffiles: [],
};

const CONTROLLER: Program = {
  name: "vsix-controller",
  section: "net",
  summary: "controller of an IPv6-only network, and vsixctl",
  description: [
    "Decides for a whole vSIX network: compiles one fabric file into signed documents for every router, steers Edges between the planes, judges rollouts, optimises egress, and keeps addresses and accounts. It has an MQTT broker of its own and keeps everything in SQLite.",
    "vsixctl, its command line, speaks to it on this machine or from afar. The package has its own Node.js runtime.",
  ],
  depends: [...RUNTIME, ...SERVICE, "systemd"],
  recommends: [],
  suggests: ["mosquitto"],
  entries: {
    main: "controller/src/main.ts",
    vsixctl: "controller/src/cli/vsixctl.js",
    worker: "controller/src/dns/worker.ts",
  },
  external: ["better-sqlite3"],
  addon: false,
  web: true,
  files: [
    ["controller/vsix-controller", "usr/bin/vsix-controller", 0o755],
    ["controller/vsixctl", "usr/bin/vsixctl", 0o755],
    ["controller/vsix-controller.service", "lib/systemd/system/vsix-controller.service", 0o644],
    ["controller/sysusers.conf", "usr/lib/sysusers.d/vsix-controller.conf", 0o644],
    ["controller/tmpfiles.conf", "usr/lib/tmpfiles.d/vsix-controller.conf", 0o644],
    ["controller/controller.json", "etc/vsix/controller.json", 0o644],
    ["controller/lintian-overrides", "usr/share/lintian/overrides/vsix-controller", 0o644],
  ],
  scripts: scriptsOf("controller"),
  conffiles: ["etc/vsix/controller.json"],
};

function scriptsOf(folder: string): Program["scripts"] {
  return ["postinst", "prerm", "postrm"].map((name) => [`${folder}/${name}`, name]);
}

/** By the word of the command line. */
export const PROGRAMS: Readonly<Record<string, Program>> = { agent: AGENT, controller: CONTROLLER };

/** Where a program's own files are. */
export const homeOf = ({ name }: Program): string => `usr/lib/${name}`;

/** The name of a package's file, as dpkg-deb --build gives it. */
export const fileNameOf = ({ name }: Program, version: string, architecture: Architecture): string =>
  `${name}_${version}_${architecture}.deb`;
