import type { Change } from "../../core/kind.ts";
import { OWN_PROTOCOL } from "../../core/ownership.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { outcome } from "../../io/netlink-apply.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import {
  type AddressMessage,
  decodeAddress,
  encodeAddress,
  encodeAddressDump,
} from "../../wire/netlink/address.ts";
import { AF_INET6, IFA_F, NLM_F, RT_SCOPE, RTM } from "../../wire/netlink/constants.ts";
import { NetlinkEncodeError } from "../../wire/netlink/errors.ts";
import { isLinkLocal } from "../../wire/netlink/ip-text.ts";
import type { Driver } from "../driver.ts";
import { type AddressObject, addressKind } from "./model.ts";

interface Step {
  /** Of the change it belongs to. */
  readonly index: number;
  readonly op: "add" | "remove";
  readonly object: AddressObject;
}

/**
 * Addresses of our own protocol (IFA_PROTO), and other global ones marked foreign. Link-local ones are not looked at.
 * @param wanted keys of desired addresses: of the foreign ones only these are observed. Without it all are.
 */
export function addressDriver(
  netlink: NetlinkSocket,
  links: LinkTable,
  wanted?: () => ReadonlySet<string>,
): Driver<AddressObject> {
  async function observe(signal: AbortSignal): Promise<readonly AddressObject[]> {
    const messages = await netlink.dump(encodeAddressDump, decodeMessage, signal);
    if (messages.some(({ interfaceIndex }) => links.byIndex(interfaceIndex) === undefined))
      await links.refresh(signal);
    const keys = wanted?.();
    const found: AddressObject[] = [];
    for (const { interfaceIndex, address, prefixLength, protocol } of messages) {
      const object = { interface: links.nameOf(interfaceIndex), address: `${address}/${prefixLength}` };
      if (protocol === OWN_PROTOCOL) found.push(object);
      else if (keys === undefined || keys.has(addressKind.key(object)))
        found.push({ ...object, foreign: true });
    }
    return found;
  }

  function encodeStep(
    writer: Parameters<typeof encodeAddress>[0],
    flags: number,
    sequence: number,
    step: Step,
  ): void {
    const { address, interface: device } = step.object;
    const slash = address.indexOf("/");
    const prefixLength = Number(address.slice(slash + 1));
    if (slash < 0 || !(prefixLength >= 0 && prefixLength <= 128))
      throw new NetlinkEncodeError(`not an address with a prefix length: ${address}`);
    const message: AddressMessage = {
      family: AF_INET6,
      interfaceIndex: links.indexOf(device),
      address: address.slice(0, slash),
      prefixLength,
      flags: IFA_F.NODAD | IFA_F.PERMANENT,
      scope: 0,
      protocol: OWN_PROTOCOL,
    };
    if (step.op === "add")
      encodeAddress(writer, RTM.NEWADDR, flags | NLM_F.CREATE | NLM_F.EXCL, sequence, message);
    else encodeAddress(writer, RTM.DELADDR, flags, sequence, message);
  }

  return {
    observe,

    async apply(changes, signal) {
      const steps = changes.flatMap(toSteps);
      await links.know(
        steps.map(({ object }) => object.interface),
        signal,
      );
      const failures = await netlink.batch(
        steps.length,
        (writer, flags, sequence, place) => {
          const step = steps[place];
          if (step !== undefined) encodeStep(writer, flags, sequence, step);
        },
        signal,
      );
      const refused = new Map<number, NetlinkError>();
      let present: Map<string, AddressObject> | undefined;
      for (const [place, failure] of failures) {
        const step = steps[place];
        if (step === undefined) continue;
        if (step.op === "remove" && isGone(failure.errno)) continue;
        if (step.op === "add" && failure.errno === ERRNO.EEXIST) {
          present ??= new Map((await observe(signal)).map((object) => [addressKind.key(object), object]));
          const there = present.get(addressKind.key(step.object));
          if (there !== undefined && addressKind.equal(step.object, there)) continue;
        }
        refused.set(step.index, failure);
      }
      for (const [index, change] of changes.entries())
        if (change.op === "replace" && change.observed.foreign === true)
          refused.set(
            index,
            new NetlinkError(ERRNO.EEXIST, `${change.observed.address} is there, made by somebody else`),
          );
      return changes.map(({ key }, index) => outcome(key, refused.get(index)));
    },
  };
}

/** The prefix length of an address cannot be changed: it goes and comes back. Foreign ones are not touched. */
function toSteps(change: Change<AddressObject>, index: number): readonly Step[] {
  if (change.op === "create") return [{ index, op: "add", object: change.desired }];
  if (change.observed.foreign === true) return [];
  const remove: Step = { index, op: "remove", object: change.observed };
  return change.op === "delete" ? [remove] : [remove, { index, op: "add", object: change.desired }];
}

function isGone(errno: number): boolean {
  return errno === ERRNO.EADDRNOTAVAIL || errno === ERRNO.ENODEV || errno === ERRNO.ENOENT;
}

function decodeMessage({
  type,
  payload,
}: {
  readonly type: number;
  readonly payload: Uint8Array;
}): AddressMessage | undefined {
  if (type !== RTM.NEWADDR) return undefined;
  const message = decodeAddress(payload);
  if (message.family !== AF_INET6 || isLinkLocal(message.address)) return undefined;
  return message.protocol === OWN_PROTOCOL || message.scope === RT_SCOPE.UNIVERSE ? message : undefined;
}
