import { defineTexts } from "../i18n/texts.ts";

export const partsTexts = defineTexts("parts", {
  en: {
    again: "Try again",
    failed: "This could not be done",
    forbidden: "Your role does not allow this.",
    network: "The controller cannot be reached. Check your connection and try again.",
    nothing: "There is nothing here.",
    "too-many-requests": "Too many requests in a short time. Wait a minute and try again.",
    unauthenticated: "You are not signed in any more.",
  },
  ja: {
    again: "再試行",
    failed: "処理できませんでした",
    forbidden: "この操作を行う権限がありません。",
    network: "コントローラーに接続できません。ネットワーク接続を確認して、もう一度お試しください。",
    nothing: "表示するものはありません。",
    "too-many-requests": "短時間にリクエストが集中しています。1 分ほど待ってからお試しください。",
    unauthenticated: "サインインが終了しています。",
  },
});
