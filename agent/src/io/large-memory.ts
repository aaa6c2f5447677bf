import { native } from "../../native/load.ts";

/**
 * Memory for tables that are read here and there, as zeros: in large pages where the kernel has them, in small ones otherwise.
 * At least so many octets; what is never touched takes no memory.
 * @throws NativeLoadError without the addon.
 */
export function largeMemory(octets: number): ArrayBuffer {
  const memory = native().largePages(octets);
  return typeof memory === "number" ? new ArrayBuffer(octets) : memory;
}
