import { defineTexts } from "../../i18n/texts.ts";

export const securityTexts = defineTexts("security", {
  en: {
    "identity-is": "Linked since {{time}}: whoever signs in at {{provider}} as you do opens this account.",
    "identity-link": "Link {{provider}}",
    "identity-none":
      "Link what you are at {{provider}}, and you can sign in by it. A second factor here is asked for all the same.",
    "identity-unlink": "Unlink {{provider}}",
    "bad-code": "The code is wrong, or has been used already.",
    "bad-password": "The password is wrong.",
    "bad-proof": "The password or the code is wrong, or the code has been used already.",
    begin: "Set up an authenticator application",
    change: "Change the password",
    changed: "The password is changed, and all other sessions have ended.",
    code: "Code that the application shows now",
    confirm: "Put it in force",
    "codes-left_one": "You have {{count}} recovery code left.",
    "codes-left_other": "You have {{count}} recovery codes left.",
    "factor-is": "Signing in with your password wants a code of your authenticator application too.",
    "factor-none":
      "Signing in with your password wants nothing else: whoever learns it is you. An authenticator application on your telephone shows a code that is asked for then as well.",
    new: "New password",
    "new-hint": "At least 12 characters",
    password: "Password",
    "password-lead":
      "What is on this page can be changed with it only. Who forgets it asks an operator for another invitation.",
    qr: "QR code for an authenticator application",
    recovery: "Recovery codes",
    "recovery-lead":
      "Each lets you in once if you lose your authenticator application. Keep them somewhere safe: they are not shown again.",
    remove: "Remove the authenticator application",
    scan: "Read this QR code with an authenticator application, or type the secret into it:",
    "second-factor": "Authenticator application",
    title: "How I sign in",
    "too-many": "Too many wrong attempts. Wait a quarter of an hour and try again.",
  },
  ja: {
    "identity-is":
      "{{time}} に登録済みです。{{provider}} にあなたとしてサインインすると、このアカウントが開きます。",
    "identity-link": "{{provider}} を登録",
    "identity-none":
      "{{provider}} のあなたの ID を登録すると、それでサインインできます。こちらの二要素認証は引き続き求められます。",
    "identity-unlink": "{{provider}} の登録を解除",
    "bad-code": "コードが正しくないか、すでに使われています。",
    "bad-password": "パスワードが正しくありません。",
    "bad-proof": "パスワードまたはコードが正しくないか、コードがすでに使われています。",
    begin: "認証アプリを設定",
    change: "パスワードを変更",
    changed: "パスワードを変更しました。ほかのセッションはすべて終了しました。",
    code: "アプリに今表示されているコード",
    confirm: "有効にする",
    "codes-left_one": "回復コードは残り {{count}} 個です。",
    "codes-left_other": "回復コードは残り {{count}} 個です。",
    "factor-is": "パスワードでのサインインには、認証アプリのコードも必要です。",
    "factor-none":
      "パスワードでのサインインに必要なのはパスワードだけなので、知られると誰でもあなたになれます。スマートフォンの認証アプリを設定すると、そこに表示されるコードも必要になります。",
    new: "新しいパスワード",
    "new-hint": "12 文字以上",
    password: "パスワード",
    "password-lead":
      "このページの項目は、パスワードがないと変更できません。忘れたときは、運用者に新しい招待を依頼してください。",
    qr: "認証アプリ用の QR コード",
    recovery: "回復コード",
    "recovery-lead":
      "認証アプリを失ったとき、それぞれ一度だけサインインに使えます。二度と表示されないので、安全な場所に保管してください。",
    remove: "認証アプリを解除",
    scan: "認証アプリでこの QR コードを読み取るか、次の秘密鍵を入力してください:",
    "second-factor": "認証アプリ",
    title: "サインイン方法",
    "too-many": "試行回数が多すぎます。15 分ほど待ってからお試しください。",
  },
});
