import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { MachineError } from "./error.ts";
import { execute } from "./tools.ts";

/**
 * What packages run while they are configured and what qemu-user is slow at: an arm64 base took 2,200 s with it and 522 s without. While packages
 * are configured these do nothing (dpkg-divert(1)); afterwards this machine's own programs do the same for the image, or nobody does, where nothing
 * needs it: Python compiles at first use, and keys of a host are its own.
 */
const SLOW = [
  "/usr/bin/py3compile",
  "/usr/sbin/depmod",
  "/usr/bin/systemd-hwdb",
  "/usr/sbin/update-initramfs",
  "/usr/sbin/update-ca-certificates",
  "/usr/bin/ssh-keygen",
] as const;
const DIVERSIONS = "var/lib/dpkg/diversions";

export const deferred = {
  /** Arguments of mmdebstrap. The hook is a file in `scratch`. */
  hookArguments: (scratch: string): readonly string[] => {
    const hook = join(scratch, "divert");
    writeFileSync(hook, HOOK);
    chmodSync(hook, 0o755);
    return [`--essential-hook=${hook}`];
  },
} as const;

const HOOK = `#!/bin/sh
set -eu
for file in ${SLOW.join(" ")}; do
	mkdir -p "$1\${file%/*}"
	printf '%s\\n%s.distrib\\n:\\n' "$file" "$file" >>"$1/${DIVERSIONS}"
	[ ! -e "$1$file" ] || mv "$1$file" "$1$file.distrib"
	printf '#!/bin/sh\\nexit 0\\n' >"$1$file"
	chmod 755 "$1$file"
done
`;

/** Gives everything its place again, and does what was left. Throws MachineError. */
export async function undefer(root: string): Promise<void> {
  for (const file of SLOW) {
    const here = join(root, file);
    const real = `${here}.distrib`;
    if (existsSync(real)) renameSync(real, here);
    else rmSync(here, { force: true });
  }
  const kept = withoutDiversions(readFileSync(join(root, DIVERSIONS), "utf8"));
  writeFileSync(join(root, DIVERSIONS), kept);
  for (const version of readdirSync(join(root, "lib/modules")))
    await execute("depmod", ["-b", root, version]);
  if (existsSync(join(root, "usr/bin/systemd-hwdb")))
    await execute("chroot", [root, "systemd-hwdb", "update", "--usr"]);
  certificates(root);
}

/** Three lines each: what is diverted, where to, by whom (dpkg's format). Pure. */
export function withoutDiversions(text: string): string {
  const lines = text.split("\n");
  const kept: string[] = [];
  for (let i = 0; i + 2 < lines.length; i += 3)
    if (!(SLOW as readonly (string | undefined)[]).includes(lines[i])) kept.push(...lines.slice(i, i + 3));
  return kept.length === 0 ? "" : `${kept.join("\n")}\n`;
}

/** What update-ca-certificates makes that programs read: the list, and all of them in one file. Links by hash come with its next run. */
function certificates(root: string): void {
  const folder = join(root, "usr/share/ca-certificates");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".crt"))
    .sort();
  if (names.length === 0)
    throw new MachineError("machine-tool", "no certificates of authorities in ca-certificates");
  writeFileSync(join(root, "etc/ca-certificates.conf"), names.map((name) => `${name}\n`).join(""));
  const all = join(root, "etc/ssl/certs/ca-certificates.crt");
  writeFileSync(all, "");
  for (const name of names) appendFileSync(all, readFileSync(join(folder, name)));
}
