import { parseAddress } from "../net/address.ts";
import { parseAddress4 } from "../net/ip4.ts";
import { pref64Fault } from "../net/pref64.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Draft, readPrefix } from "./draft.ts";

/** Section `telescreen`: nodes that can capture, prefixes and addresses that are some, and no secret. */
export function checkTelescreen(draft: Draft): void {
  const section = draft.file.telescreen;
  if (section === undefined) return;
  for (const name of Object.keys(section.nodes ?? {})) {
    const path = ["telescreen", "nodes", name];
    const node = draft.nodes.get(name);
    if (node === undefined)
      draft.report({
        path,
        at: "key",
        message: `no node is called ${name}${didYouMean(name, [...draft.nodes.keys()])}`,
      });
    else if (node.role === "upstream" || node.software === "bird")
      draft.report({
        path,
        at: "key",
        message: `${name} does not run our agent; only those that do can capture`,
      });
  }
  for (const [i, text] of (section.pref64 ?? []).entries()) {
    const path = ["telescreen", "pref64", i];
    const located = readPrefix(draft.report, path, text);
    const why = located === undefined ? undefined : pref64Fault(located.prefix);
    if (why !== undefined) draft.report({ path, message: why });
  }
  for (const [i, text] of (section.resolvers ?? []).entries())
    if (text !== undefined && parseAddress(text) === undefined && parseAddress4(text) === undefined)
      draft.report({
        path: ["telescreen", "resolvers", i],
        message: `${JSON.stringify(text)} is no address`,
      });
  if (section.privacy?.key !== undefined)
    draft.report({
      path: ["telescreen", "privacy", "key"],
      at: "key",
      message:
        "the key is a secret and stands in no fabric file: take this line out. The controller makes one (STATEDIR/capture.key) or reads `captureKeyFile` of its configuration; to keep the pseudonyms of this key, write it into that file",
    });
}
