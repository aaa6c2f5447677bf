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
    begin: "Set up a second factor",
    change: "Change the password",
    changed: "The password is changed, and all other sessions have ended.",
    code: "Code that the application shows now",
    confirm: "Put it in force",
    "factor-is": "Signing in wants a code of your authenticator application.",
    "factor-none": "Signing in wants your password only.",
    new: "New password",
    "new-hint": "At least 12 characters",
    qr: "QR code for an authenticator application",
    recovery: "Recovery codes",
    "recovery-lead":
      "Each lets you in once if you lose your authenticator application. Keep them somewhere safe: they are not shown again.",
    remove: "Remove the second factor",
    scan: "Read this QR code with an authenticator application, or type the secret into it:",
    "second-factor": "Second factor",
    title: "Password and second factor",
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
    begin: "二要素認証を設定",
    change: "パスワードを変更",
    changed: "パスワードを変更しました。ほかのセッションはすべて終了しました。",
    code: "アプリに今表示されているコード",
    confirm: "有効にする",
    "factor-is": "サインインには認証アプリのコードが必要です。",
    "factor-none": "サインインに必要なのはパスワードだけです。",
    new: "新しいパスワード",
    "new-hint": "12 文字以上",
    qr: "認証アプリ用の QR コード",
    recovery: "回復コード",
    "recovery-lead":
      "認証アプリを失ったとき、それぞれ一度だけサインインに使えます。二度と表示されないので、安全な場所に保管してください。",
    remove: "二要素認証を解除",
    scan: "認証アプリでこの QR コードを読み取るか、次の秘密鍵を入力してください:",
    "second-factor": "二要素認証",
    title: "パスワードと二要素認証",
  },
});
