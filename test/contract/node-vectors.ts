import { partBytes } from "@vsix/controller/core/parts.ts";
import type { Report } from "@vsix/shared/contract/up.ts";
import type { Machine } from "@vsix/shared/contract/up-machine.ts";

const AT = "2026-01-01T00:00:00Z";

/** A kernel of which one kind cannot be looked at. */
const REPORT: Report = {
  version: 1,
  node: "edge-1",
  epoch: 1,
  generation: 7,
  parts: {},
  converged: false,
  objects: { route: 4, address: 3 },
  kernel: {
    wanted: "0123456789abcdef",
    since: AT,
    kinds: [
      { kind: "address", observed: "00000000deadbeef", wanted: "00000000deadbeef" },
      { kind: "nftables", wanted: "fedcba9876543210" },
    ],
  },
  conditions: [],
  sessions: [],
};

/** A home router with everything that may be told. */
export const MACHINE: Machine = {
  version: 1,
  node: "edge-1",
  at: AT,
  inventory: {
    architecture: "aarch64",
    board: "Raspberry Pi 4 Model B Rev 1.4",
    isVirtual: false,
    processor: "Cortex-A72",
    system: "Debian GNU/Linux 13 (trixie), 13.1",
    versions: [
      { name: "vsix-agent", version: "0.1.0" },
      { name: "node", version: "24.21.0" },
      { name: "kernel", version: "6.12.48+deb13-arm64" },
      { name: "gobgp", version: "3.36.0" },
      { name: "nftables", version: "1.1.3" },
      { name: "unbound", version: "1.22.0" },
    ],
  },
  uptimeS: 1_234_567,
  processors: 4,
  load: [0.12, 0.2, 0.15],
  memory: {
    totalOctets: 1_979_711_488,
    availableOctets: 1_500_000_256,
    swapTotalOctets: 536_866_816,
    swapFreeOctets: 536_866_816,
  },
  filesystems: [
    {
      path: "/",
      usedOctets: 2_147_483_648,
      availableOctets: 27_000_000_512,
      inodes: 1_900_544,
      inodesFree: 1_800_000,
    },
  ],
  temperature: 51.6,
  clockSynchronised: true,
};

function text(value: unknown): string {
  return Buffer.from(partBytes(value)).toString("ascii");
}

/** What a node tells of its kernel and of the machine that it runs on, and what is refused of that. */
export function nodeVectors(): readonly { readonly name: string; readonly kind: string }[] {
  const bare: Machine = { version: 1, node: "edge-1", at: AT, filesystems: [] };
  const strange = { ...MACHINE, inventory: { board: "\u001b[2J", versions: [] } };
  const many = { ...bare, filesystems: Array.from({ length: 9 }, () => MACHINE.filesystems[0]) };
  const machine = (name: string, value: unknown) => ({ name, kind: "machine", text: text(value) });
  const refused = (name: string, path: string, value: unknown) => ({
    ...machine(`refused-up-machine-${name}`, value),
    ...{ refused: "wrong-shape", path },
  });
  return [
    { name: "up-report-kernel", kind: "report", ...{ text: text(REPORT) } },
    machine("up-machine", MACHINE),
    machine("up-machine-bare", bare),
    refused("control", "/inventory/board", strange),
    refused("many", "/filesystems", many),
    refused("negative", "/uptimeS", { ...bare, uptimeS: -1 }),
  ];
}
