import { type Static, Type } from "@sinclair/typebox";

/** Printable: nothing else gets from a machine's firmware onto a terminal. */
const Text = Type.String({ minLength: 1, maxLength: 120, pattern: "^[ -~]*$" });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** What a machine is and what runs on it; what could not be learned is absent. Nothing that names one machine: no serial number. */
export const MachineInventory = Type.Object({
  /** As `uname -m`: x86_64, aarch64. */
  architecture: Type.Optional(Text),
  /** Maker and model of the board, or of the virtual machine. */
  board: Type.Optional(Text),
  isVirtual: Type.Optional(Type.Boolean()),
  /** Model of its processors. */
  processor: Type.Optional(Text),
  /** `Debian GNU/Linux 13 (trixie), 13.1` */
  system: Type.Optional(Text),
  /** By program; `kernel`, `node` and `vsix-agent` are of what runs, others of what is installed. */
  versions: Type.Array(
    Type.Object({ name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,31}$" }), version: Text }),
    { maxItems: 32 },
  ),
});
export type MachineInventory = Static<typeof MachineInventory>;

/** As df(1) has them, of who is not root. */
export const MachineFilesystem = Type.Object({
  /** Where it is mounted, or what of it is ours. */
  path: Type.String({ minLength: 1, maxLength: 255, pattern: "^/[ -~]*$" }),
  usedOctets: Count,
  availableOctets: Count,
  /** Inodes; absent where the file system makes them as they are needed. */
  inodes: Type.Optional(Count),
  inodesFree: Type.Optional(Count),
});
export type MachineFilesystem = Static<typeof MachineFilesystem>;

/** Topic `machine`, retained: how the machine is that the node runs on. Sent where the manifest says that somebody hears it. */
export const Machine = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  at: Type.String({ maxLength: 40 }),
  /** Absent until it has been learned. */
  inventory: Type.Optional(MachineInventory),
  /** Seconds since the kernel began. */
  uptimeS: Type.Optional(Count),
  /** Processors that are online. */
  processors: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_536 })),
  /** Over 1, 5 and 15 minutes (proc(5), loadavg). */
  load: Type.Optional(
    Type.Array(Type.Number({ minimum: 0, maximum: 1_000_000 }), { minItems: 3, maxItems: 3 }),
  ),
  /** MemTotal, MemAvailable, SwapTotal, SwapFree of proc(5), meminfo. */
  memory: Type.Optional(
    Type.Object({
      totalOctets: Count,
      availableOctets: Count,
      swapTotalOctets: Count,
      swapFreeOctets: Count,
    }),
  ),
  /** That of `/`, and that of the agent's state where it is another. */
  filesystems: Type.Array(MachineFilesystem, { maxItems: 8 }),
  /** Celsius, the hottest that the machine tells of. */
  temperature: Type.Optional(Type.Number({ minimum: -100, maximum: 300 })),
  /** The kernel's clock is kept in step with another. */
  clockSynchronised: Type.Optional(Type.Boolean()),
});
export type Machine = Static<typeof Machine>;
