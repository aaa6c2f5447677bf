import { defineTexts } from "../../i18n/texts.ts";

export const doorTexts = defineTexts("door", {
  en: {
    "by-passkey": "Sign in with a passkey",
    "by-provider": "Sign in by {{provider}}",
    accept: "Choose the password and sign in",
    code: "Code of your second factor",
    "code-hint": "Six digits from your authenticator application, or one of your recovery codes",
    "code-wanted": "Your account has a second factor: give the code too.",
    "invitation-lead": "Choose a password to begin. The link you followed works once.",
    "invitation-missing":
      "This link is incomplete. Copy all of it into the address bar, or ask for another one.",
    "invitation-refused": "This invitation has been used already, or is too old. Ask for another one.",
    "invitation-title": "You are invited",
    or: "or",
    "passkey-cancelled":
      "No passkey was used: it was cancelled, or took too long. Try again, or use your password.",
    "passkey-failed": "Your browser or device could not do this. Use your password.",
    "passkey-refused":
      "This passkey opens no account here. If you removed it on the page How I sign in, delete it from your device too, and use your password.",
    password: "Password",
    "password-again": "The same password again",
    "password-differs": "The two are not the same.",
    "password-hint": "At least 12 characters",
    refused: "User name, password or code is wrong.",
    "sign-in": "Sign in",
    title: "Sign in to vSIX",
    "too-many": "Too many attempts. Wait a quarter of an hour and try again.",
    user: "User name",
  },
  ja: {
    "by-passkey": "パスキーでサインイン",
    "by-provider": "{{provider}} でサインイン",
    accept: "パスワードを設定してサインイン",
    code: "二要素認証のコード",
    "code-hint": "認証アプリに表示される 6 桁の数字、または回復コード",
    "code-wanted": "このアカウントには二要素認証が設定されています。コードも入力してください。",
    "invitation-lead": "はじめにパスワードを設定してください。このリンクは一度だけ使えます。",
    "invitation-missing":
      "リンクが途中で切れています。リンク全体をアドレスバーに貼り付けるか、新しい招待を依頼してください。",
    "invitation-refused": "この招待はすでに使われたか、期限が切れています。新しい招待を依頼してください。",
    "invitation-title": "招待されています",
    or: "または",
    "passkey-cancelled":
      "パスキーは使われませんでした。キャンセルされたか、時間切れです。もう一度試すか、パスワードでサインインしてください。",
    "passkey-failed": "ブラウザーまたは端末で処理できませんでした。パスワードでサインインしてください。",
    "passkey-refused":
      "このパスキーで開けるアカウントはありません。「サインイン方法」のページで削除したものなら端末からも削除し、パスワードでサインインしてください。",
    password: "パスワード",
    "password-again": "パスワード(確認)",
    "password-differs": "パスワードが一致しません。",
    "password-hint": "12 文字以上",
    refused: "ユーザー名、パスワード、またはコードが正しくありません。",
    "sign-in": "サインイン",
    title: "vSIX にサインイン",
    "too-many": "試行回数が多すぎます。15 分ほど待ってからお試しください。",
    user: "ユーザー名",
  },
});
