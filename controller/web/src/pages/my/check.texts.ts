import { defineTexts } from "../../i18n/texts.ts";

export const checkTexts = defineTexts("check", {
  en: {
    again: "Check again",
    checking: "Checking: this takes up to ten seconds.",
    "dns64-likely":
      "A browser cannot look names up itself, but pages with IPv4 only could not be reached without DNS64 unless this device has IPv4 of its own. To be sure, run the command below.",
    "dns64-unlikely":
      "IPv6 works and pages with IPv4 only do not: most likely this device asks a resolver without DNS64. Let it take the resolvers of your router or of the VPN configuration, then run the command below.",
    "dns64-untold":
      "A browser cannot look names up itself. Run the command below: with DNS64 it answers an IPv6 address, without it nothing.",
    "ipv6-none":
      "This device has no IPv6: pages that have it cannot be reached. Is the tunnel or VPN switched on? On the overview you see whether the routers have applied your connection and when they last heard from it.",
    "ipv6-page": "IPv6 works: a page that has it answers, though the controller sees you by IPv4.",
    "ipv6-seen": "IPv6 works: the controller sees you at {{address}}.",
    "ipv6-untold":
      "The controller sees you at {{address}}, by IPv4, and the operators have named no page with IPv6 to try. Whether you have IPv6 cannot be told.",
    lead: "What this browser, on this device, can find out of its connection now.",
    "size-both":
      "Small packets get through, large ones in neither direction. Set the MTU of the tunnel or VPN device as the set-up says, and let your router answer ICMPv6 Packet Too Big.",
    "size-down":
      "Large packets towards you get lost. Set the MTU of the tunnel or VPN device as the set-up says; your firewall must let ICMPv6 Packet Too Big pass.",
    "size-good":
      "Large packets get through in both directions. How large they may be, a browser cannot tell.",
    "size-untold": "Large packets were not tried.",
    "size-up":
      "Large packets from you get lost. Set the MTU of the tunnel or VPN device as the set-up says; your firewall must let ICMPv6 Packet Too Big pass.",
    "subject-dns64": "DNS64",
    "subject-ipv6": "IPv6",
    "subject-size": "Packet sizes (MTU)",
    "subject-translated": "Pages with IPv4 only",
    "subject-vsix": "Your vSIX connection",
    title: "Check my connection",
    "translated-alone":
      "Pages with IPv4 only cannot be reached either. See to IPv6 first: translation builds on it.",
    "translated-fails": "Pages with IPv4 only cannot be reached although IPv6 works.",
    "translated-outside":
      "A page with IPv4 only answers, but you come from outside of the network, so this says nothing of translation.",
    "translated-untold": "The operators have named no page with IPv4 only to try.",
    "translated-works": "A page with IPv4 only answers.",
    "vsix-ipv4":
      "The controller sees you by IPv4, so it cannot tell whether your other packets go through vSIX.",
    "vsix-not":
      "{{address}} is no address of this network: what this browser sends the controller does not go through vSIX. On a device that should, the tunnel or VPN is off, or another way to the Internet comes first.",
    "vsix-other": "{{address}} belongs to this network, though to none of your connections.",
    "vsix-own": "You come through {{device}}: {{address}} is one of its addresses.",
  },
  ja: {
    again: "もう一度確認",
    checking: "確認中です。10 秒ほどかかることがあります。",
    "dns64-likely":
      "ブラウザーは名前を直接引けませんが、このデバイスに IPv4 がないなら、IPv4 のみのページには DNS64 がないと届きません。確実に調べるには、下のコマンドを実行してください。",
    "dns64-unlikely":
      "IPv6 は使えますが IPv4 のみのページに届きません。DNS64 のないリゾルバーを使っている可能性があります。ルーターまたは VPN 設定のリゾルバーを使うようにして、下のコマンドを実行してください。",
    "dns64-untold":
      "ブラウザーは名前を直接引けません。下のコマンドを実行してください。DNS64 があれば IPv6 アドレスが返り、なければ何も返りません。",
    "ipv6-none":
      "このデバイスでは IPv6 が使えません。IPv6 のページに届きません。トンネルや VPN は有効ですか? ルーターへの反映と最後の通信は概要で確認できます。",
    "ipv6-page":
      "IPv6 は使えます。コントローラーには IPv4 で接続していますが、IPv6 のページから応答がありました。",
    "ipv6-seen": "IPv6 は使えます。コントローラーからは {{address}} に見えます。",
    "ipv6-untold":
      "コントローラーからは IPv4 の {{address}} に見えます。試すための IPv6 のページを運用者が指定していないため、IPv6 が使えるかどうかは分かりません。",
    lead: "今このデバイスのブラウザーから分かる、接続の状態です。",
    "size-both":
      "小さいパケットは届きますが、大きいパケットはどちらの方向にも届きません。トンネルまたは VPN の MTU を設定手順のとおりにし、ルーターが ICMPv6 Packet Too Big を返すようにしてください。",
    "size-down":
      "あなたに向かう大きいパケットが失われています。トンネルまたは VPN の MTU を設定手順のとおりにしてください。ファイアウォールは ICMPv6 Packet Too Big を通す必要があります。",
    "size-good":
      "大きいパケットは両方向とも届きます。どこまで大きくできるかは、ブラウザーからは分かりません。",
    "size-untold": "大きいパケットは試していません。",
    "size-up":
      "あなたからの大きいパケットが失われています。トンネルまたは VPN の MTU を設定手順のとおりにしてください。ファイアウォールは ICMPv6 Packet Too Big を通す必要があります。",
    "subject-dns64": "DNS64 の利用",
    "subject-ipv6": "IPv6 の利用",
    "subject-size": "パケットサイズ(MTU)",
    "subject-translated": "IPv4 のみのページ",
    "subject-vsix": "あなたの vSIX 接続",
    title: "接続を確認",
    "translated-alone":
      "IPv4 のみのページにも届きません。まず IPv6 を確認してください。変換は IPv6 の上で動きます。",
    "translated-fails": "IPv6 は使えますが、IPv4 のみのページに届きません。",
    "translated-outside":
      "IPv4 のみのページから応答がありましたが、ネットワークの外から接続しているため、変換が使えるかどうかは分かりません。",
    "translated-untold": "試すための IPv4 のみのページを運用者が指定していません。",
    "translated-works": "IPv4 のみのページから応答がありました。",
    "vsix-ipv4":
      "コントローラーには IPv4 で接続しているため、ほかの通信が vSIX を通っているかどうかは分かりません。",
    "vsix-not":
      "{{address}} はこのネットワークのアドレスではありません。コントローラーへの通信は vSIX を通っていません。通るはずのデバイスなら、トンネルや VPN が無効か、別の経路が優先されています。",
    "vsix-other": "{{address}} はこのネットワークのアドレスですが、あなたの接続のものではありません。",
    "vsix-own": "{{device}} を通っています。{{address}} はそのアドレスです。",
  },
});
