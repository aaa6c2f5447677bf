import type { Architecture } from "./architecture.ts";

/** What `control` of a binary package says (Debian Policy 5.3). */
export interface ControlFields {
  readonly package: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly depends: readonly string[];
  readonly recommends: readonly string[];
  readonly suggests: readonly string[];
  readonly section: string;
  /** One line, without the package's name. */
  readonly summary: string;
  /** Paragraphs; lines are broken here. */
  readonly description: readonly string[];
  /** What it takes unpacked, octets. */
  readonly installedOctets: number;
}

export const MAINTAINER = "vSIX developers <vsix@example.org>";
const WIDTH = 78;

/** The file `DEBIAN/control`. Pure. */
export function controlFile(fields: ControlFields): string {
  const lines: readonly (readonly [string, string])[] = [
    ["Package", fields.package],
    ["Version", fields.version],
    ["Architecture", fields.architecture],
    ["Maintainer", MAINTAINER],
    ["Installed-Size", String(Math.ceil(fields.installedOctets / 1024))],
    ["Depends", fields.depends.join(", ")],
    ["Recommends", fields.recommends.join(", ")],
    ["Suggests", fields.suggests.join(", ")],
    ["Section", fields.section],
    ["Priority", "optional"],
    ["Description", [fields.summary, ...extended(fields.description)].join("\n")],
  ];
  return lines.flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}\n`])).join("");
}

/** Policy 5.6.13: each line begins with a space, paragraphs are parted by " .". */
function extended(paragraphs: readonly string[]): readonly string[] {
  return paragraphs.flatMap((text, i) => [
    ...(i === 0 ? [] : [" ."]),
    ...wrap(text, WIDTH).map((line) => ` ${line}`),
  ]);
}

/** Words in lines of at most `width` columns, unless one word is longer. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The changelog that a package of one build has (Policy 4.4). */
export function changelog(name: string, version: string, revision: string, epochS: number): string {
  return `${name} (${version}) unstable; urgency=medium

  * Built from revision
    ${revision}.
    What changed: CHANGELOG.md there.

 -- ${MAINTAINER}  ${rfc5322(epochS)}
`;
}

function rfc5322(epochS: number): string {
  return new Date(epochS * 1000).toUTCString().replace("GMT", "+0000");
}

/**
 * The version of what is built from a commit: of package.json where the commit is tagged with it, else one that sorts before
 * that release and after whatever was built from earlier commits (deb-version(7)).
 */
export function packageVersion(
  release: string,
  { tagged, revision, committedS, dirty }: SourceState,
): string {
  if (tagged && !dirty) return release;
  const [date = "", time = ""] = new Date(committedS * 1000).toISOString().split("T");
  const stamp = `${date.replaceAll("-", "")}${time.slice(0, 8).replaceAll(":", "")}`;
  return `${release}~git${stamp}.${revision.slice(0, 8)}${dirty ? "+dirty" : ""}`;
}

/** What of the checkout goes into a version. */
export interface SourceState {
  readonly tagged: boolean;
  readonly revision: string;
  readonly committedS: number;
  /** Files differ from the commit. */
  readonly dirty: boolean;
}

/** What dpkg takes for a version without an epoch and revision (Policy 5.6.12). */
export function isVersion(text: string): boolean {
  return /^[0-9][A-Za-z0-9.+~]{0,127}$/.test(text);
}
