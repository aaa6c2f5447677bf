import { defineTexts } from "../../i18n/texts.ts";

export const oidcTexts = defineTexts("oidc", {
  en: {
    back: "Back to the beginning",
    code: "Code of your second factor",
    "go-on": "Go on",
    "identity-taken": "This identity opens another user's account already.",
    "not-linked":
      "No user has linked this identity. Sign in with your password, and link it on the page How I sign in.",
    "sign-in-refused":
      "What came back from the identity provider does not fit, or took too long. Begin again.",
    title: "Sign in by an identity provider",
    waits: "Looking at what the provider said",
  },
  ja: {
    back: "最初に戻る",
    code: "二要素認証のコード",
    "go-on": "次へ",
    "identity-taken": "この ID はすでに別の利用者のアカウントに使われています。",
    "not-linked":
      "この ID はどの利用者にも登録されていません。パスワードでサインインし、「サインイン方法」のページで登録してください。",
    "sign-in-refused":
      "ID プロバイダーからの応答が正しくないか、時間がかかりすぎました。もう一度やり直してください。",
    title: "ID プロバイダーでサインイン",
    waits: "プロバイダーの応答を確認しています",
  },
});
