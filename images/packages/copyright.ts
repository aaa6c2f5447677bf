import type { Part } from "./parts.ts";

/** The file `copyright` (Policy 12.5): whose works are in a package, and what each allows. Pure. */
export function copyrightFile(name: string, node: Part, parts: readonly Part[]): string {
  const own = `vSIX, ${name}: Copyright the vSIX developers.
Licence: Apache-2.0. On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.

/usr/lib/${name}/*.js are bundles: besides ours they hold files of the npm packages below, unchanged but for being put together and
their types being taken away. What each of them allows follows its name; where no text is given, none came with it.
`;
  const all = [node, ...parts].map((part) => {
    const { licence, author, homepage } = part;
    const from = [author, homepage].filter((word) => word !== "").join(", ");
    const text = textOf(part);
    return `${"=".repeat(78)}\n${part.name} ${part.version}\nLicence: ${licence}\n${from === "" ? "" : `From: ${from}\n`}${text === "" ? "" : `\n${text}\n`}`;
  });
  return [own, ...all].join("\n");
}

/** Debian has the text of this one; of a file with it what is said of the authors is kept. */
function textOf({ licence, text }: Part): string {
  if (licence === "Apache-2.0") {
    const said = (text ?? "")
      .split("\n")
      .filter((line) => /^\s*Copyright \S+ (?!\[yyyy\]|owner)/.test(line) && /\d{4}/.test(line));
    const lines = [
      ...said.map((line) => line.trim()),
      "On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.",
    ];
    return lines.join("\n");
  }
  return (text ?? "").replaceAll("\r\n", "\n").trim();
}
