import { defineTexts } from "../../i18n/texts.ts";

export const passkeysTexts = defineTexts("passkeys", {
  en: {
    add: "Add a passkey",
    added:
      "The passkey is added. From now on you can sign in with it, without your password. Browsers that were signed in stay signed in.",
    "added-lately": "“{{name}}” was added {{time}} and opens your account.",
    "added-not-you":
      "Other browsers stayed signed in. Was it not you? Remove the passkey, which signs them out, and change your password.",
    "added-read": "I know of this passkey",
    "added-title": "A passkey was added",
    "added-where": "Look at it now",
    lead: "Sign in the way you unlock your device: with your finger, your face or its PIN. There is nothing to remember, and nobody can trick you into typing it on a false page. It counts as a second factor too.",
    made: "Added {{time}}.",
    name: "Name of the passkey",
    "name-hint": "So that you know it again: what it is kept on, for example",
    "never-used": "Not used yet.",
    "problem-cancelled":
      "Nothing was added: it was cancelled, or took too long. Try again when you are ready.",
    "problem-exists": "This device has a passkey for your account already.",
    "problem-failed": "Your browser or device could not do this. Another browser or device may.",
    "problem-unable":
      "This device cannot ask for a finger, face or PIN. Set up a screen lock or a PIN on it first, or use another one.",
    remove: "Remove",
    "remove-of": "Remove {{name}}",
    "remove-sure":
      "Nobody can sign in with it any more, and all other browsers are signed out. Delete it from the device too: this page cannot.",
    rename: "Rename",
    "rename-of": "Rename {{name}}",
    title: "Passkeys",
    "unknown-here": "This browser does not know passkeys. Open this page in another one to add some.",
    used: "Last used {{time}}.",
    waits: "Follow what your browser or device asks you now.",
  },
  ja: {
    add: "パスキーを追加",
    added:
      "パスキーを追加しました。これからはパスワードなしで、パスキーでサインインできます。サインイン中のほかのブラウザーはそのままです。",
    "added-lately": "「{{name}}」が {{time}} に追加され、あなたのアカウントにサインインできます。",
    "added-not-you":
      "ほかのブラウザーはサインインしたままです。心当たりがない場合は、パスキーを削除し(ほかのブラウザーはサインアウトされます)、パスワードを変更してください。",
    "added-read": "心当たりがあるので閉じる",
    "added-title": "パスキーが追加されました",
    "added-where": "今すぐ確認",
    lead: "指紋、顔、または PIN など、端末のロックを解除するのと同じ方法でサインインできます。覚えるものはなく、偽のページで盗まれることもありません。二要素認証としても扱われます。",
    made: "追加: {{time}}。",
    name: "パスキーの名前",
    "name-hint": "あとで見分けられる名前(保存した端末の名前など)",
    "never-used": "まだ使われていません。",
    "problem-cancelled":
      "追加されませんでした。キャンセルされたか、時間切れです。準備ができたらもう一度お試しください。",
    "problem-exists": "この端末には、あなたのアカウントのパスキーがすでにあります。",
    "problem-failed": "ブラウザーまたは端末で処理できませんでした。別のブラウザーや端末でお試しください。",
    "problem-unable":
      "この端末では指紋、顔、PIN による確認ができません。先に画面ロックや PIN を設定するか、別の端末を使ってください。",
    remove: "削除",
    "remove-of": "{{name}} を削除",
    "remove-sure":
      "このパスキーではサインインできなくなり、ほかのブラウザーはすべてサインアウトされます。端末に保存されたパスキーはこのページからは消せないので、端末でも削除してください。",
    rename: "名前を変更",
    "rename-of": "{{name}} の名前を変更",
    title: "パスキー",
    "unknown-here":
      "このブラウザーはパスキーに対応していません。追加するには、別のブラウザーでこのページを開いてください。",
    used: "最終利用: {{time}}。",
    waits: "ブラウザーや端末の指示に従ってください。",
  },
});
