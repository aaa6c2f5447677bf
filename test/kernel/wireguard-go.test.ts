import { GoWireguard } from "../../agent/src/resources/wireguard/go-backend.ts";
import { insideNamespace } from "./in-namespace.ts";
import { describeWireguard } from "./wireguard-suite.ts";

if (await insideNamespace("wireguard-go", import.meta.url))
  describeWireguard("wireguard-go", (netlink) => new GoWireguard(netlink));
