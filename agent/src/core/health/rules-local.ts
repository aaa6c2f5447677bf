import type { HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import type { Rule } from "./view.ts";

/** The cable, the addresses and the gateway: the first of them that fails is the cause, for nothing behind it was tried. */
export const localRules: Rule = ({ facts, of }) => {
  const [link, address, route, gateway] = (["link", "address", "route", "gateway"] as const).map(
    (role) => of(role)[0],
  );
  const name = facts.port?.name ?? "this machine";
  const bad = (code: string, layer: HealthVerdict["layer"], text: string): readonly HealthVerdict[] => [
    { code, layer, state: "bad", text },
  ];
  if (link?.state === "bad") return bad("link-down", "datalink", `${name}: ${link.text}`);
  if (address?.state === "bad") {
    if (facts.addresses.some(({ duplicate }) => duplicate))
      return bad("duplicate-address", "interface", `${name}: ${address.text}`);
    const advertised = of("advertisement")[0]?.state === "good";
    return advertised
      ? bad("no-address", "interface", `${name}: routers advertise, but no global address came of it`)
      : bad("no-advertisement", "interface", `${name}: no global address, and no router advertises one`);
  }
  if (route?.state === "bad") return bad("no-route", "interface", `${name}: ${route.text}`);
  if (gateway?.state === "bad")
    return bad(
      "gateway-silent",
      "local",
      `the ${gateway.check.subject} on ${name} is not there: ${gateway.text}`,
    );
  const poor: HealthVerdict[] = [];
  if (address?.state === "poor")
    poor.push({
      code: "addresses-deprecated",
      layer: "interface",
      state: "poor",
      text: `${name}: every global address is deprecated`,
    });
  if (gateway?.state === "poor" && gateway.us !== undefined)
    poor.push({
      code: "gateway-poor",
      layer: "local",
      state: "poor",
      text: `the way to the ${gateway.check.subject} is poor: ${gateway.text}`,
    });
  return poor;
};
