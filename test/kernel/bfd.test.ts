import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { Icmp6Socket } from "../../agent/src/io/icmp6.ts";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { LinkLife } from "../../agent/src/sensors/link-life.ts";
import { type BfdControl, encodeBfd } from "../../agent/src/wire/bfd/control.ts";
import { type BfdNeighbourHost, OURS, PORT, startBfdNeighbour, THEIRS } from "./bfd-network.ts";
import { insideNamespace } from "./in-namespace.ts";

/** Half of all randomness: our discriminator is known to the forger here, and to nobody else. */
const HALF = 0.5;
const DISCRIMINATOR = HALF * 2 ** 32;
const ECHO_IDS = { steady: 70, check: 71 } as const;
const PACKET: BfdControl = {
  diagnostic: 0,
  state: "up",
  poll: false,
  final: false,
  independent: false,
  authenticated: false,
  demand: false,
  detectMultiplier: 4,
  myDiscriminator: 77,
  yourDiscriminator: DISCRIMINATOR,
  desiredMinTxUs: 100_000,
  requiredMinRxUs: 100_000,
  requiredMinEchoRxUs: 0,
};

if (await insideNamespace("bfd", import.meta.url)) {
  const stack = new AsyncDisposableStack();
  const lives: string[] = [];
  let bfdChanges = 0;
  let neighbour: BfdNeighbourHost;
  let life: LinkLife;

  before(async () => {
    neighbour = stack.use(await startBfdNeighbour());
    const links = stack.use(await LinkTable.open(stack.use(NetlinkSocket.open())));
    const echoes = stack.use(
      Icmp6Socket.open(({ message, interfaceIndex }) => {
        if (message.type !== "echo-reply") return;
        const purpose = message.id === ECHO_IDS.steady ? "steady" : "check";
        life.answered(purpose, message.sequence, links.nameOf(interfaceIndex));
      }),
    );
    life = stack.use(
      new LinkLife({
        log: pino({ level: "silent" }),
        links,
        sendEcho: (purpose, { address }, sequence) =>
          echoes.send({ destination: address, hopLimit: 255, id: ECHO_IDS[purpose], sequence }),
        drainEchoes: () => echoes.drain(),
        onLife: (_name, alive) => lives.push(alive ? "alive" : "silent"),
        onBfd: () => {
          bfdChanges++;
        },
        onAwake: () => undefined,
        now: () => performance.now(),
        random: () => HALF,
      }),
    );
    life.configure(
      [{ name: PORT, faces: "upstream", peerAddress: THEIRS }],
      [
        {
          interface: PORT,
          address: THEIRS,
          localAddress: OURS,
          bfd: { intervalMs: 150, multiplier: 3 },
        },
      ],
    );
  });
  after(() => stack.disposeAsync());

  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 3000 && !holds(); i++) await sleep(20);
    assert.ok(holds(), what);
  };
  const bothUp = async (): Promise<void> => {
    await until("BFD is up", () => life.isBfdUp(PORT) === true);
    await neighbour.until(/\bUp\b/);
  };

  test("a session with BIRD comes up, on the slower interval of the two and BIRD counting with our multiplier", async () => {
    await bothUp();
    // Columns: address, interface, state, since, interval, timeout. 3 x 150 ms is our promise.
    await neighbour.until(/\bUp\b.*\s0\.150\s+0\.450$/);
    assert.deepEqual(lives, []);
  });

  test("packets leave from the range of ports and with the hop limit of RFC 5881, at network control", async () => {
    const { packet } = await neighbour.capture(`udp and src ${OURS}`);
    const text = await packet;
    const port = Number(/2001:db8::\.(\d+) > 2001:db8::1\.3784/.exec(text)?.[1]);
    assert.ok(port >= 49152 && port <= 65535, text);
    assert.match(text, /class 0xc0.* hlim 255/);
  });

  /**
   * A machine that stands still for longer than the detection time flaps its sessions without anybody's doing: packets that
   * change something do so each time.
   */
  const changesNothing = async (forge: () => Promise<void>): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      await bothUp();
      const changesBefore = bfdChanges;
      await forge();
      await sleep(300);
      if (life.isBfdUp(PORT) === true && bfdChanges === changesBefore) return;
      assert.ok(attempt < 5, `${bfdChanges - changesBefore} changes, ${attempt} times in a row`);
    }
  };

  test("forged packets change nothing", async () => {
    const down = { ...PACKET, state: "down", diagnostic: 1 } as const;
    const octets = encodeBfd(down);
    const altered = (at: number, value: number): Uint8Array => {
      const copy = octets.slice();
      copy[at] = value;
      return copy;
    };
    const forgeries: readonly (readonly [number, Uint8Array])[] = [
      [64, octets], // from further away
      [254, octets],
      [255, encodeBfd({ ...down, yourDiscriminator: 4242 })], // somebody else's session
      [255, encodeBfd({ ...PACKET, yourDiscriminator: 0 })], // Up, and does not know of us
      [255, encodeBfd({ ...PACKET, state: "init", yourDiscriminator: 0 })],
      [255, new Uint8Array([...altered(1, 0x44).with(3, 26), 1, 2])], // authenticated
      [255, altered(1, 0x41)], // multipoint
      [255, altered(2, 0)], // multiplier 0
      [255, altered(3, 23)], // lengths that lie
      [255, altered(3, 25)],
      [255, altered(3, 255)],
      [255, altered(7, 0)], // no discriminator of its own
      [255, altered(0, 0x41)], // version 2
      ...Array.from({ length: 24 }, (_, length) => [255, octets.subarray(0, Math.max(1, length))] as const),
    ];
    await changesNothing(async () => {
      for (const [hopLimit, packet] of forgeries) await neighbour.forge(hopLimit, packet);
    });
  });

  test("a thousand random packets change nothing", async () => {
    await changesNothing(async () => {
      for (let i = 0; i < 1000; i++) await neighbour.forge(255, randomBytes(1 + (i % 80)));
    });
  });

  test("a neighbour whose BFD hangs is not silent while its kernel answers; forged packets do not keep BFD up", async () => {
    await bothUp();
    neighbour.signalBird("SIGSTOP");
    try {
      for (let i = 0; i < 60 && life.isBfdUp(PORT) === true; i++) {
        for (const hopLimit of [1, 64, 254]) await neighbour.forge(hopLimit, encodeBfd(PACKET));
        await sleep(50);
      }
      assert.equal(life.isBfdUp(PORT), false);
      await sleep(1500);
      assert.deepEqual(lives, []);
      assert.equal(life.isDead(PORT), false);
    } finally {
      neighbour.signalBird("SIGCONT");
    }
    await bothUp();
  });

  test("one true packet of the forger is taken: only what was wrong kept the others out", async () => {
    await bothUp();
    const changesBefore = bfdChanges;
    await neighbour.forge(255, encodeBfd({ ...PACKET, state: "down", diagnostic: 1 }));
    await until("BFD went down", () => bfdChanges > changesBefore);
    await bothUp();
    assert.deepEqual(lives, [], "and the kernel's answer kept the link in use");
  });

  test("a link that goes silent is found at both ends, and both take it up again", async () => {
    await bothUp();
    neighbour.silence();
    await until("the link is silent", () => life.isDead(PORT));
    await neighbour.until(/\bDown\b/);
    assert.deepEqual(lives, ["silent"]);
    neighbour.speak();
    await until("the link is back", () => !life.isDead(PORT));
    await bothUp();
    assert.deepEqual(lives.splice(0), ["silent", "alive"]);
  });

  test("an end on purpose is told as one", async () => {
    await bothUp();
    // The state AdminDown is 0 in the upper two bits of the second octet.
    const { packet } = await neighbour.capture(`udp and src ${OURS} and ip6[49] & 0xc0 = 0`);
    await life[Symbol.asyncDispose]();
    assert.match(await packet, /\.3784: /);
    await neighbour.until(/\bDown\b/);
  });
}
