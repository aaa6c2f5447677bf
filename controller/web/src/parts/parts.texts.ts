import { defineTexts } from "../i18n/texts.ts";

export const partsTexts = defineTexts("parts", {
  en: {
    again: "Try again",
    copied: "Copied",
    copy: "Copy",
    "current-password": "Password",
    failed: "This could not be done",
    forbidden: "Your role does not allow this.",
    mode: "(mode {{mode}})",
    network: "The controller cannot be reached. Check your connection and try again.",
    nothing: "There is nothing here.",
    save: "Save as a file",
    "too-many-requests": "Too many requests in a short time. Wait a minute and try again.",
    unauthenticated: "You are not signed in any more.",
  },
  ja: {
    again: "再試行",
    copied: "コピーしました",
    copy: "コピー",
    "current-password": "パスワード",
    failed: "処理できませんでした",
    forbidden: "この操作を行う権限がありません。",
    mode: "(モード {{mode}})",
    network: "コントローラーに接続できません。ネットワーク接続を確認して、もう一度お試しください。",
    nothing: "表示するものはありません。",
    save: "ファイルに保存",
    "too-many-requests": "短時間にリクエストが集中しています。1 分ほど待ってからお試しください。",
    unauthenticated: "サインインが終了しています。",
  },
});
