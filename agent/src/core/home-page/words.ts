import type { Finding } from "./judge.ts";
import type { Language } from "./request.ts";

/** What the page says, for people who have never heard of any of it. */
export interface Words {
  readonly title: string;
  /** What is the matter, and what to do about it. */
  readonly findings: Readonly<Record<Finding, readonly [heading: string, advice: string]>>;
  readonly details: string;
  readonly uplink: string;
  readonly noUplink: string;
  readonly tunnel: string;
  readonly life: Readonly<Record<"alive" | "dead" | "unknown", string>>;
  readonly prefixes: string;
  readonly dns64: string;
  readonly resolvers: string;
  readonly controller: string;
  readonly controllerUp: string;
  readonly controllerAway: string;
  readonly health: string;
  readonly healthStates: Readonly<Record<"good" | "poor" | "bad" | "unknown", string>>;
  readonly neverLooked: string;
  readonly problems: string;
  readonly router: string;
  readonly version: string;
  readonly none: string;
  readonly other: string;
  readonly fresh: string;
}

const EN: Words = {
  title: "Your home router",
  findings: {
    enrolling: [
      "The router is still introducing itself to the network",
      "This takes a few minutes after the first start. If it stays so: is the cable to your provider plugged in, and is the claim that you got from the portal still valid? It can be used once, and only for some days.",
    ],
    reset: [
      "The router has been reset",
      "It needs a new claim from the portal: make its files anew with vsix-pi and copy them onto the card, then switch it on.",
    ],
    silent: [
      "The router's software does not answer",
      "Wait two minutes. Then switch the router off and on again. If that does not help, begin anew with a factory reset (see its manual), or ask whoever gave it to you.",
    ],
    "no-document": [
      "The router is known to the network and waits for its settings",
      "This takes a minute. If it stays so, ask the operator of the network whether your application has been approved.",
    ],
    "no-tunnel": [
      "The network has given this router no connection",
      "Look in the portal whether your application is active, or ask the operator of the network.",
    ],
    "no-uplink": [
      "There is no way to your provider",
      "Look whether the cable to your provider's box is plugged in at both ends and its lamps are on. Switch that box off and on again, and wait five minutes.",
    ],
    "tunnels-dead": [
      "The way into the network is interrupted",
      "Does your provider's own connection work? If not, the trouble is there. If it does, nothing at home is wrong: wait, and ask the operator of the network if it lasts.",
    ],
    "tunnel-dead": [
      "One of several ways into the network is interrupted",
      "There is nothing to do: your devices use the others.",
    ],
    "health-bad": [
      "Something does not work",
      "The last look found what stands below under “Last look”. Tell it to the operator of the network if it lasts longer than an hour.",
    ],
    errors: [
      "The router could not do all that it was told",
      "What stands below under “Problems” is for the operator of the network. Switching the router off and on again may help.",
    ],
    "controller-away": [
      "The network's control is not reached at the moment",
      "There is nothing to do: your connection goes on with the settings that the router has.",
    ],
    "health-poor": [
      "The connection works, but not as well as it should",
      "The last look found what stands below under “Last look”.",
    ],
    well: ["Everything works", "There is nothing to do."],
  },
  details: "Details",
  uplink: "Uplink",
  noUplink: "no address towards the access router",
  tunnel: "Tunnel",
  life: { alive: "works", dead: "does not answer", unknown: "not asked yet" },
  prefixes: "Your addresses",
  dns64: "IPv4 through the network (DNS64)",
  resolvers: "Name servers",
  controller: "Control of the network",
  controllerUp: "reached",
  controllerAway: "not reached",
  health: "Last look",
  healthStates: {
    good: "all is well",
    poor: "not as it should be",
    bad: "something is broken",
    unknown: "nothing could be looked at",
  },
  neverLooked: "not looked yet",
  problems: "Problems",
  router: "Router",
  version: "Software",
  none: "none",
  other: "日本語",
  fresh: "This page is fetched anew every half minute.",
};

const JA: Words = {
  title: "ホームルーターの状態",
  findings: {
    enrolling: [
      "ネットワークへの登録を行っています",
      "初回起動後は数分かかります。この表示が続くときは、プロバイダーにつながるケーブルと、ポータルで発行した登録トークンの有効期限を確認してください。トークンは一度しか使えません。",
    ],
    reset: [
      "ルーターは初期化されています",
      "ポータルで新しい登録トークンを発行し、vsix-piで作り直したファイルをカードにコピーしてから、電源を入れてください。",
    ],
    silent: [
      "ルーターのソフトウェアが応答しません",
      "2分ほど待ってから、ルーターの電源を入れ直してください。直らないときは、説明書に従って初期化するか、提供元に問い合わせてください。",
    ],
    "no-document": [
      "登録は済んでおり、設定を待っています",
      "通常は1分ほどで届きます。この表示が続くときは、申請が承認されているかをネットワークの運用者に確認してください。",
    ],
    "no-tunnel": [
      "このルーターには接続が割り当てられていません",
      "ポータルで申請の状態を確認するか、ネットワークの運用者に問い合わせてください。",
    ],
    "no-uplink": [
      "プロバイダーに接続できていません",
      "プロバイダーの機器とのケーブルが両端とも差さっていて、ランプが点灯しているかを確認してください。プロバイダーの機器の電源を入れ直し、5分ほど待ってください。",
    ],
    "tunnels-dead": [
      "ネットワークへの経路が途切れています",
      "プロバイダーの接続そのものが使えるかを確認してください。使えないときは、プロバイダー側の問題です。使えるときは、家の中に問題はありません。続くようなら、ネットワークの運用者に問い合わせてください。",
    ],
    "tunnel-dead": [
      "複数ある経路のうち、一部が途切れています",
      "何もする必要はありません。残りの経路で通信しています。",
    ],
    "health-bad": [
      "正しく動いていないものがあります",
      "下の「最近の診断」に結果があります。1時間以上続くときは、ネットワークの運用者に伝えてください。",
    ],
    errors: [
      "設定の一部を反映できませんでした",
      "下の「問題」の内容をネットワークの運用者に伝えてください。電源を入れ直すと直ることがあります。",
    ],
    "controller-away": [
      "現在、管理サーバーに接続できません",
      "何もする必要はありません。今ある設定のまま通信を続けます。",
    ],
    "health-poor": ["通信できますが、本来の状態ではありません", "下の「最近の診断」に結果があります。"],
    well: ["正常に動いています", "何もする必要はありません。"],
  },
  details: "詳細",
  uplink: "上流側の接続",
  noUplink: "アクセスルーターへ向かうアドレスがありません",
  tunnel: "トンネル",
  life: { alive: "正常", dead: "応答なし", unknown: "未確認" },
  prefixes: "お使いのアドレス",
  dns64: "IPv4への接続 (DNS64)",
  resolvers: "DNSサーバー",
  controller: "管理サーバー",
  controllerUp: "接続中",
  controllerAway: "未接続",
  health: "最近の診断",
  healthStates: {
    good: "問題なし",
    poor: "一部に問題あり",
    bad: "異常あり",
    unknown: "診断できませんでした",
  },
  neverLooked: "まだ診断していません",
  problems: "問題",
  router: "ルーター",
  version: "ソフトウェア",
  none: "なし",
  other: "English",
  fresh: "このページは30秒ごとに更新されます。",
};

export const WORDS: Readonly<Record<Language, Words>> = { en: EN, ja: JA };
