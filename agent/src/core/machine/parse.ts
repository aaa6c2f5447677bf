/** What files of /proc and words of programs say of a machine. Whatever does not look as it should is not known: undefined. */

export interface MemoryFigures {
  readonly totalOctets: number;
  readonly availableOctets: number;
  readonly swapTotalOctets: number;
  readonly swapFreeOctets: number;
}

/** /proc/meminfo: lines `MemTotal:  1979712 kB`, where kB is 1,024 octets (proc(5)). */
export function parseMeminfo(text: string): MemoryFigures | undefined {
  const octets = (name: string): number | undefined => {
    const kilo = new RegExp(`^${name}:\\s+(\\d{1,13}) kB$`, "m").exec(text)?.[1];
    return kilo === undefined ? undefined : Number(kilo) * 1024;
  };
  const [totalOctets, availableOctets] = [octets("MemTotal"), octets("MemAvailable")];
  if (totalOctets === undefined || availableOctets === undefined) return undefined;
  return {
    ...{ totalOctets, availableOctets },
    swapTotalOctets: octets("SwapTotal") ?? 0,
    swapFreeOctets: octets("SwapFree") ?? 0,
  };
}

/** /proc/loadavg: `0.12 0.20 0.15 1/123 4567`. */
export function parseLoadavg(text: string): [number, number, number] | undefined {
  const [, one, five, fifteen] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(text) ?? [];
  if (one === undefined || five === undefined || fifteen === undefined) return undefined;
  return [Number(one), Number(five), Number(fifteen)];
}

/** /proc/uptime: seconds since the kernel began, and idle ones. */
export function parseUptime(text: string): number | undefined {
  const seconds = /^(\d{1,12})(?:\.\d+)? /.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Of a thermal zone: thousandths of a degree Celsius. A sensor that says what cannot be is not believed. */
export function parseTemperature(text: string): number | undefined {
  if (!/^-?\d{1,6}\n?$/.test(text)) return undefined;
  const celsius = Number(text) / 1000;
  return celsius > -60 && celsius < 150 ? celsius : undefined;
}

/** PRETTY_NAME of os-release(5), with what /etc/debian_version adds to it: `Debian GNU/Linux 13 (trixie), 13.1`. */
export function systemName(osRelease: string, debianVersion: string): string | undefined {
  const pretty = /^PRETTY_NAME=(?:"([^"]*)"|([^"\s]*))$/m.exec(osRelease);
  const name = printable(pretty?.[1] ?? pretty?.[2] ?? "");
  const point = printable(debianVersion);
  if (name === undefined) return undefined;
  return point === undefined || !name.startsWith("Debian") ? name : printable(`${name}, ${point}`);
}

/** The first that looks like a version in what a program says of itself: `nftables v1.1.3 (Commodore ...)`. */
export function versionIn(text: string): string | undefined {
  return /(?:^|[\sv])(\d{1,6}(?:\.[0-9A-Za-z~+-]{1,20}){1,5})/.exec(text.slice(0, 4096))?.[1];
}

/** On one line, with what no terminal takes for a command, of at most 120 characters; undefined where nothing is left. */
export function printable(text: string): string | undefined {
  const clean = text
    .replaceAll(/[^ -~]+/g, " ")
    .replaceAll(/ +/g, " ")
    .trim()
    .slice(0, 120);
  return clean === "" ? undefined : clean;
}
