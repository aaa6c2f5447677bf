// packet-watch: by which interfaces a UDP stream leaves the network namespace it runs in, and when.
//
//   packet-watch --source ADDR --destination ADDR
//
// Prints "ready", then, at most every 20 ms, one line of JSON of the packets since the last:
//   {"packets":{"DEVICE":{"count":N,"firstNs":"…","lastNs":"…"}}}
// Times are the kernel's own of each packet, turned into CLOCK_MONOTONIC. Ends with its standard input.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>

#define DEVICES 64
#define FLUSH_NS 20000000LL
#define IPV6_HEADER 40

struct seen {
  unsigned index;
  uint64_t count;
  int64_t first_ns, last_ns;
};
static struct seen seen[DEVICES];
static int devices;

static void fail(const char *what) {
  fprintf(stderr, "packet-watch: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void address(int argc, char **argv, const char *name, struct in6_addr *out) {
  for (int i = 1; i + 1 < argc; i += 2)
    if (strcmp(argv[i], name) == 0 && inet_pton(AF_INET6, argv[i + 1], out) == 1) return;
  fprintf(stderr, "packet-watch: %s is missing or no address\n", name);
  exit(2);
}

static void count(unsigned index, int64_t at_ns) {
  int i = 0;
  while (i < devices && seen[i].index != index) i++;
  if (i == DEVICES) return;
  if (i == devices) seen[devices++] = (struct seen){.index = index, .first_ns = at_ns};
  seen[i].count++;
  seen[i].last_ns = at_ns;
}

static void flush(void) {
  char name[IF_NAMESIZE];
  printf("{\"packets\":{");
  for (int i = 0, said = 0; i < devices; i++) {
    if (if_indextoname(seen[i].index, name) == NULL) continue;
    printf("%s\"%s\":{\"count\":%llu,\"firstNs\":\"%lld\",\"lastNs\":\"%lld\"}", said++ ? "," : "", name,
           (unsigned long long)seen[i].count, (long long)seen[i].first_ns, (long long)seen[i].last_ns);
  }
  printf("}}\n");
  fflush(stdout);
  devices = 0;
}

int main(int argc, char **argv) {
  struct in6_addr source, destination;
  address(argc, argv, "--source", &source);
  address(argc, argv, "--destination", &destination);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // packet(7): packets that leave are seen by sockets for all protocols only.
  int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
  if (fd < 0) fail("socket");
  // IPv6 with next header 17; a cooked socket's packets begin with the IPv6 header.
  struct sock_filter udp[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
                              BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 3),
                              BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 0, 1),
                              BPF_STMT(BPF_RET | BPF_K, IPV6_HEADER), BPF_STMT(BPF_RET | BPF_K, 0)};
  struct sock_fprog program = {.len = sizeof udp / sizeof *udp, .filter = udp};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0) fail("SO_ATTACH_FILTER");
  int on = 1, size = 4 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0) fail("SO_TIMESTAMPNS");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  printf("ready\n");
  fflush(stdout);
  int64_t flush_at = 0;
  for (;;) {
    struct pollfd wait[] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    int64_t left = devices == 0 ? -1 : (flush_at - clock_ns(CLOCK_MONOTONIC)) / 1000000 + 1;
    if (poll(wait, 2, devices != 0 && left < 0 ? 0 : (int)left) < 0 && errno != EINTR) fail("poll");
    if (wait[1].revents != 0) break;
    while (wait[0].revents & POLLIN) {
      uint8_t packet[IPV6_HEADER];
      struct sockaddr_ll from;
      struct iovec part = {.iov_base = packet, .iov_len = sizeof packet};
      union { char bytes[CMSG_SPACE(sizeof(struct timespec))]; struct cmsghdr align; } control;
      struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1,
                               .msg_control = &control, .msg_controllen = sizeof control};
      ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
      if (got < 0) break;
      if (from.sll_pkttype != PACKET_OUTGOING || got < IPV6_HEADER) continue;
      if (memcmp(packet + 8, &source, 16) != 0 || memcmp(packet + 24, &destination, 16) != 0) continue;
      int64_t ago_ns = 0;
      struct cmsghdr *item = CMSG_FIRSTHDR(&message);
      if (item != NULL && item->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec at;
        memcpy(&at, CMSG_DATA(item), sizeof at);
        ago_ns = clock_ns(CLOCK_REALTIME) - (at.tv_sec * 1000000000LL + at.tv_nsec);
      }
      int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
      if (devices == 0) flush_at = now_ns + FLUSH_NS;
      count((unsigned)from.sll_ifindex, now_ns - ago_ns);
    }
    if (devices > 0 && clock_ns(CLOCK_MONOTONIC) >= flush_at) flush();
  }
  return 0;
}
