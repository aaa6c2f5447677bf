import type { Machine, MachineFilesystem } from "@vsix/shared/contract/up-machine.ts";

export const MACHINE_WARNINGS = [
  "disk-nearly-full",
  "inodes-nearly-gone",
  "memory-short",
  "clock-not-synchronised",
  "clock-differs",
  "hot",
  "overloaded",
] as const;

/** Something about a node's machine that somebody should see to before it is in the way of forwarding. */
export interface MachineWarning {
  readonly code: (typeof MACHINE_WARNINGS)[number];
  /** Which, where there are several: a path. */
  readonly subject: string;
  /** Percent that are left, seconds that clocks differ by, degrees Celsius, or processes a processor; 0 where there is no figure. */
  readonly value: number;
  /** The same in words. */
  readonly text: string;
}

/** Percent that are left, and octets: a large disk of which a tenth is left is no emergency. */
const DISK_PERCENT = 10;
const DISK_OCTETS = 2 ** 31;
const INODES_PERCENT = 5;
const MEMORY_PERCENT = 10;
/** Certificates and manifests bear with minutes; logs of several machines cannot be put side by side beyond this. */
const CLOCK_S = 10;
/** A Raspberry Pi slows itself down from 80 on. */
const HOT = 80;
/** Processes that want to run, over a quarter of an hour, for each processor. */
const LOAD = 2;

/**
 * @param aheadMs by how much the node's clock was ahead of the controller's when the message came; undefined where nobody can tell. Pure.
 */
export function machineWarnings(machine: Machine, aheadMs: number | undefined): readonly MachineWarning[] {
  const { filesystems, clockSynchronised, temperature } = machine;
  const aheadS = Math.round((aheadMs ?? 0) / 1000);
  return [
    ...filesystems.flatMap(ofFilesystem),
    ...ofMemory(machine),
    ...(clockSynchronised === false
      ? [warning("clock-not-synchronised", "", 0, "its clock is not synchronised with any other")]
      : []),
    ...(Math.abs(aheadS) > CLOCK_S ? [differs(aheadS)] : []),
    ...(temperature !== undefined && temperature >= HOT
      ? [warning("hot", "", Math.round(temperature), `${Math.round(temperature)} degrees Celsius`)]
      : []),
    ...ofLoad(machine),
  ];
}

function ofFilesystem(one: MachineFilesystem): readonly MachineWarning[] {
  const { path, usedOctets, availableOctets, inodes = 0, inodesFree = 0 } = one;
  const left = percent(availableOctets, usedOctets + availableOctets);
  const inodesLeft = percent(inodesFree, inodes);
  return [
    ...(left < DISK_PERCENT && availableOctets < DISK_OCTETS
      ? [warning("disk-nearly-full", path, left, `${path} is nearly full: ${left}% are left`)]
      : []),
    ...(inodesLeft < INODES_PERCENT
      ? [
          warning(
            "inodes-nearly-gone",
            path,
            inodesLeft,
            `${path} takes few more files: ${inodesLeft}% are left`,
          ),
        ]
      : []),
  ];
}

function ofMemory({ memory }: Machine): readonly MachineWarning[] {
  if (memory === undefined) return [];
  const left = percent(memory.availableOctets, memory.totalOctets);
  return left < MEMORY_PERCENT
    ? [warning("memory-short", "", left, `memory is short: ${left}% are available`)]
    : [];
}

function ofLoad({ load, processors }: Machine): readonly MachineWarning[] {
  const long = load?.[2];
  if (long === undefined || processors === undefined || long / processors <= LOAD) return [];
  const each = Math.round((10 * long) / processors) / 10;
  return [warning("overloaded", "", each, `${each} processes want each processor`)];
}

function differs(aheadS: number): MachineWarning {
  const how = aheadS > 0 ? "ahead of" : "behind";
  return warning("clock-differs", "", aheadS, `its clock is ${Math.abs(aheadS)} s ${how} the controller's`);
}

function warning(code: MachineWarning["code"], subject: string, value: number, text: string): MachineWarning {
  return { code, subject, value, text };
}

/** Rounded down; 100 where there is nothing to have a part of. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor((100 * part) / whole);
}
