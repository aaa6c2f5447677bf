import { KernelWireguard } from "../../agent/src/resources/wireguard/kernel-backend.ts";
import { declareInGuest, kernelMakes } from "./in-guest.ts";
import { insideNamespace } from "./in-namespace.ts";
import { describeWireguard } from "./wireguard-suite.ts";

if (await insideNamespace("wireguard", import.meta.url)) {
  if (kernelMakes("wireguard")) describeWireguard("kernel", (netlink) => new KernelWireguard(netlink));
  else
    await declareInGuest(
      "WireGuard of the kernel passes in a guest kernel",
      "WireGuard",
      import.meta.url,
      240,
    );
}
