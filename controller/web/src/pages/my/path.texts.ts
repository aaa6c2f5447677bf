import { defineTexts } from "../../i18n/texts.ts";

export const pathTexts = defineTexts("own-path", {
  en: {
    "health-bad": "The network does not work on your way, {{time}}",
    "health-good": "The network works on your way, {{time}}",
    "health-none": "Nobody has looked yet how the network feels on your way.",
    "health-poor": "The network works poorly on your way, {{time}}",
    "health-stale": "How the network feels on your way was last told {{time}}",
    "health-unknown": "How the network feels on your way could not be told, {{time}}",
    "no-router": "No router says yet that it carries you.",
    "of-device": "(as your own device sees it)",
    "of-router": "(as your access router sees it)",
    path: "Your way",
    "plane-moving": "It is to be {{wanted}}.",
    "plane-seen": "Router {{router}} carries you, seen on plane {{planes}}.",
    "plane-unseen": "Router {{router}} carries you; on which plane has not been seen.",
  },
  ja: {
    "health-bad": "経路に障害があります({{time}})",
    "health-good": "経路は正常です({{time}})",
    "health-none": "経路の状態はまだ確認されていません。",
    "health-poor": "経路の品質が低下しています({{time}})",
    "health-stale": "経路の状態の最後の報告は{{time}}です",
    "health-unknown": "経路の状態は分かりませんでした({{time}})",
    "no-router": "通信を運んでいるルーターはまだありません。",
    "of-device": "(あなたのデバイスから見た状態)",
    "of-router": "(アクセスルーターから見た状態)",
    path: "あなたの経路",
    "plane-moving": "{{wanted}} への切り替えが予定されています。",
    "plane-seen": "ルーター {{router}} が通信を運んでいます。観測されたプレーン: {{planes}}",
    "plane-unseen": "ルーター {{router}} が通信を運んでいます。プレーンはまだ観測されていません。",
  },
});
