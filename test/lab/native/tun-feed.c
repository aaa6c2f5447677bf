// tun-feed NAME: makes a TUN device (raw IP, no link header), brings it up, says "ready" and lets every packet of standard input
// arrive on it: each after its length, two octets, big-endian. Ends with its input; the device goes with it.
// Source: Documentation/networking/tuntap.rst.
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 2 || strlen(argv[1]) >= IFNAMSIZ) return 2;
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  memcpy(request.ifr_name, argv[1], strlen(argv[1]) + 1);
  int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) fail("/dev/net/tun");
  int sock = socket(AF_INET6, SOCK_DGRAM, 0);
  if (sock < 0 || ioctl(sock, SIOCGIFFLAGS, &request) < 0) fail("flags");
  request.ifr_flags |= IFF_UP;
  if (ioctl(sock, SIOCSIFFLAGS, &request) < 0) fail("up");
  puts("ready");
  fflush(stdout);
  static unsigned char packet[65536];
  for (int high; (high = getchar()) != EOF;) {
    size_t length = ((size_t)high << 8) | (size_t)getchar();
    if (fread(packet, 1, length, stdin) != length) return 1;
    if (write(tun, packet, length) < 0 && errno != EIO) fail("write");
  }
  return 0;
}
