import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdvertisementFacts } from "@vsix/agent/core/health/model.ts";
import { WELL_KNOWN_PREFIX } from "@vsix/shared/net/pref64.ts";
import { hostapdText } from "../../../cloud-init/core/hostapd.ts";
import { LAN } from "../../../cloud-init/core/names.ts";
import { supplicantText } from "../../../cloud-init/core/render-uplink.ts";
import { RadioProgram, radios, readRegulations, takeRadio } from "../../agent/radios.ts";
import { exampleSeed, SECRETS } from "../../cloud-init/examples.ts";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { NODE, namespaceName } from "../names.ts";
import { addNamespaces } from "../namespaces.ts";
import { ipBatch, mustRun, run } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { ask } from "../services/client.ts";
import { CLIENT_NODE, clientEdge } from "../services/outside.ts";
import { GLOBAL4, NAMES } from "../services/zones.ts";
import { command, madeOf, translated } from "./lan-client.ts";

/** The access point's, between the Edge's port and the air. */
const POINT_NODE = "ap";
const PASSPHRASE = SECRETS["wifi.passphrase"] ?? "";
/** One processor that everything in the guest shares. */
const PATIENCE_MS = 120_000;
const ECHOES = 20;

/** The client's cable ends in a bridge of its own now, which a radio joins; the client has a radio by the name that its cable had. */
async function takeToTheAir(lab: Lab): Promise<void> {
  const [point, client] = [POINT_NODE, CLIENT_NODE].map((node) => namespaceName(lab.name, node));
  const [first, second] = radios();
  if (point === undefined || client === undefined || first === undefined || second === undefined)
    throw new LabError("lab/kernel", "two simulated radios are wanted");
  await addNamespaces([point]);
  await ipBatch(client, ["link set eth0 down", `link set eth0 netns ${point} name port0`]);
  await ipBatch(point, [
    `link add ${LAN} type bridge stp_state 0 forward_delay 0`,
    `link set port0 master ${LAN}`,
    "link set port0 up",
    `link set ${LAN} up`,
  ]);
  readRegulations();
  takeRadio(first, point, "wlan0");
  takeRadio(second, client, "eth0");
}

const wifi: Scenario = {
  name: "home-wifi",
  summary:
    "a host with a radio behind the access point of examples/home.yaml (simulated radios): a wrong passphrase is refused; by the right one it is told address, MTU, resolver and Pref64, resolves by DNS64 and is translated",
  fabric: "test/lab/fixtures/lan.yaml",
  long: true,
  kernel: { makes: [], radios: 2, memory: "2048M", limitS: 1200, convergeS: 600 },
  run: async (context) => {
    const { lab, check } = context;
    const { file } = exampleSeed("home");
    const [lan] = clientEdge(lab.fabric).lans ?? [];
    if (file.kind !== "pi" || file.lan.wifi === undefined || lan === undefined)
      throw new LabError("lab/fabric", "an access point and a LAN are wanted");
    const { ssid, channel } = file.lan.wifi;
    const directory = join(lab.stateDir, POINT_NODE);
    mkdirSync(directory, { mode: 0o700 });
    const write = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text, { mode: 0o600 });
      return join(directory, name);
    };
    const station = (passphrase: string): RadioProgram => {
      const uplink = { kind: "wifi", interface: "eth0", ssid, country: "JP", passphrase } as const;
      const name = write("station", supplicantText(uplink, passphrase));
      const args = ["-D", "nl80211", "-i", "eth0", "-c", name];
      return new RadioProgram("wpa_supplicant", namespaceName(lab.name, CLIENT_NODE), args);
    };
    await takeToTheAir(lab);
    context.step(`an access point on channel ${channel}`);
    const text = hostapdText(file.lan.wifi, "wlan0", PASSPHRASE);
    const where = namespaceName(lab.name, POINT_NODE);
    await using point = new RadioProgram("hostapd", where, [write("point", text)]);
    await point.says(/AP-ENABLED/, PATIENCE_MS);
    {
      context.step("a station that does not know the passphrase");
      await using stranger = station(`not ${PASSPHRASE}`);
      await stranger.says(/reason=WRONG_KEY/, PATIENCE_MS);
      check(!point.said.includes("AP-STA-CONNECTED"), "a wrong passphrase was taken");
    }
    context.step("one that does");
    await using known = station(PASSPHRASE);
    const begunMs = performance.now();
    await known.says(/CTRL-EVENT-CONNECTED/, PATIENCE_MS);
    const { address, route } = await madeOf(context, lan.prefix.replace(/::\/64$/, ":"));
    const timesMs = { "station to an address": Math.round(performance.now() - begunMs) };
    const mtu = (await mustRun(...command(lab, "cat", "/proc/sys/net/ipv6/conf/eth0/mtu"))).trim();
    check(mtu === String(lan.mtu), `the MTU is ${mtu}, not ${lan.mtu}`);
    const script = join(import.meta.dirname, "../services/hear-router.ts");
    const heard = JSON.parse(await mustRun(...command(lab, NODE, script, "eth0"))) as AdvertisementFacts;
    const [server = ""] = heard.said?.resolvers ?? [];
    check(heard.said?.pref64.join() === WELL_KNOWN_PREFIX, `told Pref64 ${heard.said?.pref64.join()}`);
    context.step("DNS64 and NAT64 over the air");
    const host = translated(GLOBAL4);
    const [asked] = await ask(lab, server, [`AAAA/${NAMES.globalA}`]);
    check(asked?.answers.join() === host, `${NAMES.globalA} is ${JSON.stringify(asked)}, not ${host}`);
    const words = ["ping", "-6", "-n", "-q", "-c", String(ECHOES), "-i", "0.2", "-W", "5", host];
    const pinged = (await run(...command(lab, ...words))).stdout;
    check(pinged.includes(` ${ECHOES} received`), `translated echoes: ${pinged}`);
    const link = await mustRun(...command(lab, "cat", "/sys/class/net/eth0/phy80211/name"));
    return {
      flows: [],
      timesMs,
      other: { radio: link.trim(), address, route, mtu, told: heard.said, dns64: asked, pinged },
    };
  },
};

export const HOME_WIFI_SCENARIOS: readonly Scenario[] = [wifi];
