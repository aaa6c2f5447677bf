import { defineTexts } from "../../i18n/texts.ts";

export const onceTexts = defineTexts("once", {
  en: {
    lead: "Somebody made this link to hand you a file. It can be shown once: have the device ready that it is for.",
    qr: "The file as a QR code, for the WireGuard application of a telephone",
    refused:
      "This link shows nothing any more: it was opened already, its time is over, or it is not complete.",
    show: "Show it now",
    shown: "The link is used up. Save the file before you leave this page.",
    title: "A file for you",
  },
  ja: {
    lead: "このリンクは、あなたにファイルを渡すために作られました。表示できるのは 1 回だけです。設定するデバイスを用意してください。",
    qr: "ファイルの QR コード(スマートフォンの WireGuard アプリ用)",
    refused:
      "このリンクではもう何も表示できません。すでに開かれたか、期限が切れたか、リンクが途中で切れています。",
    show: "今すぐ表示",
    shown: "リンクは使用済みになりました。このページを離れる前にファイルを保存してください。",
    title: "あなた宛てのファイル",
  },
});
