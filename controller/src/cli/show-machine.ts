import type { Machine } from "@vsix/shared/contract/up-machine.ts";
import { formatTable } from "./table.ts";

/** What a machine is and how it is, a line for each thing that is known. */
export function showMachine(machine: Machine): string {
  const { inventory, uptimeS, processors, load, memory, temperature, clockSynchronised, at } = machine;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["BOARD", inventory?.board],
    ["ARCHITECTURE", inventory?.architecture],
    ["VIRTUAL", yesOrNo(inventory?.isVirtual)],
    ["SYSTEM", inventory?.system],
    [
      "PROCESSORS",
      processors === undefined ? undefined : `${processors} ${inventory?.processor ?? ""}`.trim(),
    ],
    ["LOAD", load?.map((one) => one.toFixed(2)).join(" ")],
    ["MEMORY", memory && `${octets(memory.availableOctets)} of ${octets(memory.totalOctets)} available`],
    [
      "SWAP",
      memory === undefined || memory.swapTotalOctets === 0
        ? undefined
        : `${octets(memory.swapFreeOctets)} of ${octets(memory.swapTotalOctets)} free`,
    ],
    ...machine.filesystems.map(
      ({ path, usedOctets, availableOctets }) =>
        [`DISK ${path}`, `${octets(usedOctets)} used, ${octets(availableOctets)} available`] as const,
    ),
    ["TEMPERATURE", temperature === undefined ? undefined : `${temperature.toFixed(1)} C`],
    ["CLOCK SYNCHRONISED", yesOrNo(clockSynchronised)],
    ["UP FOR", uptimeS === undefined ? undefined : duration(uptimeS)],
    ...(inventory?.versions ?? []).map(({ name, version }) => [name, version] as const),
  ];
  const known = rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return formatTable(["MACHINE", `AS OF ${at}`], known);
}

function yesOrNo(is: boolean | undefined): string | undefined {
  return is === undefined ? undefined : is ? "yes" : "no";
}

/** `3.1 GiB`. */
function octets(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
  let value = count;
  let at = 0;
  for (; value >= 1024 && at < units.length - 1; at++) value /= 1024;
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

/** `3 d 04:05`. */
function duration(seconds: number): string {
  const [days, hours, minutes] = [seconds / 86_400, (seconds % 86_400) / 3600, (seconds % 3600) / 60];
  const two = (number: number): string => String(Math.floor(number)).padStart(2, "0");
  return `${Math.floor(days)} d ${two(hours)}:${two(minutes)}`;
}
