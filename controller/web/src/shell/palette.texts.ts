import { defineTexts } from "../i18n/texts.ts";

export const paletteTexts = defineTexts("palette", {
  en: {
    edge: "Node {{name}}",
    find: "Page, node, rollout, address …",
    explain: "Explain {{what}} (egress peers)",
    nothing: "Nothing is called like that.",
    open: "Go to …",
    page: "Page: {{name}}",
    rollout: "Rollout {{id}}: {{from}} → {{to}}",
  },
  ja: {
    edge: "ノード {{name}}",
    find: "ページ、ノード、ロールアウト、アドレスなど",
    explain: "{{what}} の出口を説明",
    nothing: "該当するものはありません。",
    open: "移動…",
    page: "ページ: {{name}}",
    rollout: "ロールアウト {{id}}: {{from}} → {{to}}",
  },
});
