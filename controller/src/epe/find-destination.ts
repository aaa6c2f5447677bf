import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";

type Last = NonNullable<Context["epe"]["last"]>;

/**
 * Of what the newest decision was about, the smallest destination that this address or prefix is in. Throws ControllerError
 * `unknown-destination`, saying why.
 */
export function findDestination(
  { epe: { last } }: Pick<Context, "epe">,
  destination: string,
): { readonly last: Last; readonly found: Last["destinations"][number] } {
  const wanted = parsePrefix(destination) ?? hostPrefix(destination);
  if (wanted === undefined)
    throw new ControllerError(
      "unknown-destination",
      `${JSON.stringify(destination.slice(0, 60))} is no IPv6 address or prefix`,
    );
  if (last === undefined)
    throw new ControllerError(
      "unknown-destination",
      "nothing has been decided yet; `vsixctl epe status` says why",
    );
  const [found] = last.destinations
    .filter(({ parsed }) => containsPrefix(parsed, wanted))
    .sort((a, b) => b.parsed.length - a.parsed.length);
  if (found === undefined)
    throw new ControllerError(
      "unknown-destination",
      `${destination} is not measured; \`vsixctl epe destinations\` lists what is`,
    );
  return { last, found };
}

function hostPrefix(text: string): Prefix | undefined {
  const address = parseAddress(text);
  return address === undefined ? undefined : { address, length: 128 };
}
