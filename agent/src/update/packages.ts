import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runProgram } from "../io/run-program.ts";
import { PACKAGE } from "./places.ts";
import { UpdateError } from "./run-update.ts";

/** A router's processor and card are slow; scripts of the package compile. */
const DPKG_MS = 900_000;
const QUICK_MS = 60_000;
/** Files of the control archive that dpkg keeps; `list` it makes itself. */
const CONTROL = ["preinst", "postinst", "prerm", "postrm", "md5sums", "conffiles"] as const;
/** Fields of dpkg's status that a package's control file does not have. */
const OF_STATUS = /^(Status|Conffiles|Config-Version):/;

const dpkg = (words: readonly string[], timeoutMs = QUICK_MS): Promise<string> =>
  runProgram(words, { signal: AbortSignal.timeout(timeoutMs), timeoutMs, debianPackage: "dpkg" });

/** Version of the package that is installed whole; undefined: none is. */
export async function installedVersion(): Promise<string | undefined> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own words
  const format = "${db:Status-Status} ${Version}";
  const said = await dpkg(["dpkg-query", "-W", "-f", format, PACKAGE]).catch(() => "");
  const [status, version] = said.trim().split(" ");
  return status === "installed" ? version : undefined;
}

/** Version of a package's file. @throws UpdateError for one that is no agent for this machine, ProgramError for what is no package. */
export async function versionOf(deb: string): Promise<string> {
  const said = await dpkg(["dpkg-deb", "--field", deb, "Package", "Version", "Architecture"]);
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(said)?.[1] ?? "";
  const here = (await dpkg(["dpkg", "--print-architecture"])).trim();
  const [name, version, architecture] = [field("Package"), field("Version"), field("Architecture")];
  if (name !== PACKAGE || (architecture !== here && architecture !== "all"))
    throw new UpdateError(
      "update-refused",
      `${deb} is ${name || "nothing"} for ${architecture || "nobody"}: ${PACKAGE} for ${here} is wanted`,
    );
  return version;
}

/**
 * Installs a package over whatever is there, older, newer or half of something; everything is on the disk when it returns. Its scripts are told
 * (VSIX_AGENT_UPDATE) that somebody else starts the service. @throws ProgramError with dpkg's words, UpdateError where it is not whole then.
 */
export async function installPackage(deb: string, version: string): Promise<void> {
  const how = ["--force-confold", "--force-downgrade", "--install", deb];
  await dpkg(["env", "VSIX_AGENT_UPDATE=1", "DEBIAN_FRONTEND=noninteractive", "dpkg", ...how], DPKG_MS);
  const found = await installedVersion();
  if (found !== version)
    throw new UpdateError(
      "update-refused",
      `dpkg installed ${found ?? "nothing whole"} instead of ${version}`,
    );
  await syncDisks();
}

/** sync(2): dpkg asks for its own files to be written, and not for what its scripts did. */
export async function syncDisks(): Promise<void> {
  await dpkg(["sync"], DPKG_MS);
}

/**
 * Makes a package of what is installed, for nobody keeps what it was installed from. Its files are linked, not copied, where that can be.
 * @param scratch a folder that is not there yet. @throws ProgramError, what the disk says.
 */
export async function packInstalled(scratch: string, deb: string): Promise<void> {
  mkdirSync(join(scratch, "DEBIAN"), { recursive: true, mode: 0o755 });
  const status = await dpkg(["dpkg-query", "-s", PACKAGE]);
  await writeFile(join(scratch, "DEBIAN/control"), controlOf(status));
  const kept = (name: string): string => `/var/lib/dpkg/info/${PACKAGE}.${name}`;
  for (const name of CONTROL)
    if (existsSync(kept(name))) copyFileSync(kept(name), join(scratch, "DEBIAN", name));
  for (const path of (await dpkg(["dpkg-query", "-L", PACKAGE])).split("\n"))
    if (path.startsWith("/") && path !== "/.") takeInto(scratch, path);
  const partial = `${deb}.partial`;
  // Level 1: this is done on routers, and thrown away soon.
  await dpkg(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", scratch, partial], DPKG_MS);
  await dpkg(["mv", "-f", partial, deb]);
}

/** What `control` was, of what dpkg-query -s says: continued lines belong to the field before them. Exported for tests. */
export function controlOf(status: string): string {
  let ofStatus = false;
  const lines = status.split("\n").filter((line) => {
    if (!/^\s/.test(line)) ofStatus = OF_STATUS.test(line);
    return !ofStatus && line !== "";
  });
  return `${lines.join("\n")}\n`;
}

/** A file below another root: a folder is made, a file linked. `/lib` may be a link of the system's: a folder to the package. */
function takeInto(root: string, path: string): void {
  const to = join(root, path);
  const here = lstatSync(path, { throwIfNoEntry: false });
  if (here === undefined) return;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    mkdirSync(to, { recursive: true, mode: 0o755 });
  else if (here.isSymbolicLink()) symlinkSync(readlinkSync(path), to);
  else linkOrCopy(path, to);
}

/** Of a file that is only ever replaced, never written to. Exported for who keeps others. */
export function linkOrCopy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system
  }
}
