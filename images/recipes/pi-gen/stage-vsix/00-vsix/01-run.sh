#!/bin/bash -e
install -m 644 files/vsix-agent_*_arm64.deb "$ROOTFS_DIR/tmp/vsix-agent.deb"
install -d "$ROOTFS_DIR/etc/cloud/cloud.cfg.d"
cat >"$ROOTFS_DIR/etc/cloud/cloud.cfg.d/95_vsix.cfg" <<'CFG'
datasource_list: [NoCloud, None]
datasource:
  NoCloud:
    fs_label: bootfs
CFG
# Seeds are for systemd-networkd; NetworkManager would take the same devices.
on_chroot <<'CHROOT'
apt-get install -y --no-install-recommends /tmp/vsix-agent.deb
systemctl disable NetworkManager.service gobgpd.service hostapd.service wpa_supplicant.service || true
systemctl enable systemd-networkd.service systemd-resolved.service
CHROOT
rm "$ROOTFS_DIR/tmp/vsix-agent.deb"
# There may be a claim on it, and FAT has no modes.
sed -i '/\/boot\/firmware/s/defaults/defaults,umask=0077/' "$ROOTFS_DIR/etc/fstab"
