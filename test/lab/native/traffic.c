// traffic: a UDP stream with exact accounts, in the network namespace it runs in.
//
//   traffic recv --address ADDR [--port P]
//   traffic send --source ADDR --destination ADDR --port P --rate PACKETS_PER_S [--seconds N] [--size OCTETS]
//                [--dscp N]
//
// Both print "ready PORT" and, at SIGTERM, SIGINT or the end of N seconds, one line of JSON. Packet k carries its
// number k and the time it was sent. A send that the kernel refuses (no route) uses up its number and is counted: it is
// lost like any other. Gaps are between kernel receive timestamps, so a busy receiver does not lengthen them.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEQUENCES (1u << 24)
#define OUTAGES 32
#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif

struct payload {
  uint32_t magic, sequence;
  int64_t sent_ns; // CLOCK_REALTIME, the clock of SO_TIMESTAMPNS
};
#define MAGIC 0x56534958u

static volatile sig_atomic_t stopping;
static void stop(int signal_number) { (void)signal_number; stopping = 1; }

static int64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
  exit(1);
}

static const char *option(int argc, char **argv, const char *name, const char *fallback) {
  for (int i = 2; i + 1 < argc; i += 2)
    if (strcmp(argv[i], name) == 0) return argv[i + 1];
  if (fallback == NULL) {
    fprintf(stderr, "traffic: %s is missing\n", name);
    exit(2);
  }
  return fallback;
}

static struct sockaddr_in6 endpoint(const char *address, const char *port) {
  struct sockaddr_in6 e = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
  if (inet_pton(AF_INET6, address, &e.sin6_addr) != 1) {
    fprintf(stderr, "traffic: not an IPv6 address: %s\n", address);
    exit(2);
  }
  return e;
}

static int open_socket(const struct sockaddr_in6 *local) {
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, size = 32 << 20;
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  struct timeval patience = {.tv_usec = 200000}; // a signal between the check and the wait is seen then
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (bind(fd, (const struct sockaddr *)local, sizeof *local) < 0) fail("bind");
  return fd;
}

static void ready(int fd) {
  struct sockaddr_in6 self;
  socklen_t length = sizeof self;
  if (getsockname(fd, (struct sockaddr *)&self, &length) < 0) fail("getsockname");
  printf("ready %u\n", ntohs(self.sin6_port));
  fflush(stdout);
}

static int send_stream(int argc, char **argv) {
  struct sockaddr_in6 source = endpoint(option(argc, argv, "--source", NULL), "0");
  struct sockaddr_in6 to =
      endpoint(option(argc, argv, "--destination", NULL), option(argc, argv, "--port", NULL));
  double rate = atof(option(argc, argv, "--rate", "1000")), seconds = atof(option(argc, argv, "--seconds", "0"));
  size_t size = (size_t)atol(option(argc, argv, "--size", "100"));
  static unsigned char packet[65536];
  struct payload *p = (struct payload *)packet;
  if (rate <= 0 || size < sizeof *p || size > sizeof packet) {
    fprintf(stderr, "traffic: rate or size out of range\n");
    return 2;
  }
  int fd = open_socket(&source), traffic_class = atoi(option(argc, argv, "--dscp", "0")) << 2;
  if (setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &traffic_class, sizeof traffic_class) < 0) fail("IPV6_TCLASS");
  ready(fd);
  uint32_t sent = 0, errors = 0;
  int last_errno = 0;
  int64_t start = clock_ns(CLOCK_MONOTONIC), step = (int64_t)(1e9 / rate);
  uint64_t limit = seconds > 0 ? (uint64_t)(seconds * rate) : UINT32_MAX;
  prctl(PR_SET_TIMERSLACK, 1);
  while (!stopping && sent < limit && sent < SEQUENCES) {
    int64_t due = start + (int64_t)sent * step;
    struct timespec at = {.tv_sec = due / 1000000000LL, .tv_nsec = due % 1000000000LL};
    if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) continue;
    *p = (struct payload){.magic = MAGIC, .sequence = sent++, .sent_ns = clock_ns(CLOCK_REALTIME)};
    // Unconnected: no pending ICMP error of an earlier packet can eat this one.
    if (sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof to) < 0) {
      errors++;
      last_errno = errno;
    }
  }
  printf("{\"sent\":%u,\"sendErrors\":%u,\"lastErrno\":%d,\"seconds\":%.3f}\n", sent, errors, last_errno,
         (double)(clock_ns(CLOCK_MONOTONIC) - start) / 1e9);
  return 0;
}

static uint8_t seen[SEQUENCES / 8];
static struct { uint32_t after; int64_t start_ns, gap_ns; } outages[OUTAGES];

static int receive_stream(int argc, char **argv) {
  struct sockaddr_in6 local = endpoint(option(argc, argv, "--address", NULL), option(argc, argv, "--port", "0"));
  int fd = open_socket(&local);
  ready(fd);
  uint32_t unique = 0, duplicates = 0, reordered = 0, foreign = 0, highest = 0, outage_count = 0;
  int64_t last_ns = 0, first_ns = 0, gap_ns = 0, delay_max_ns = 0, delay_sum_ns = 0;
  while (!stopping) {
    struct payload p;
    union { char bytes[256]; struct cmsghdr align; } control;
    struct iovec iov = {.iov_base = &p, .iov_len = sizeof p};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(fd, &m, 0);
    if (length < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (length < 0) fail("recvmsg");
    if (length < (ssize_t)sizeof p || p.magic != MAGIC || p.sequence >= SEQUENCES) {
      foreign++;
      continue;
    }
    int64_t at = clock_ns(CLOCK_REALTIME);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
      if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec t;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        at = t.tv_sec * 1000000000LL + t.tv_nsec;
      }
    if (first_ns == 0) first_ns = at;
    if (last_ns != 0 && at - last_ns > gap_ns) gap_ns = at - last_ns;
    if (seen[p.sequence / 8] & (1 << (p.sequence % 8))) {
      duplicates++;
    } else {
      seen[p.sequence / 8] |= (uint8_t)(1 << (p.sequence % 8));
      unique++;
      if (unique > 1 && p.sequence < highest) reordered++;
      if (unique > 1 && p.sequence > highest + 1 && outage_count < OUTAGES) {
        outages[outage_count].after = highest;
        outages[outage_count].start_ns = last_ns - first_ns;
        outages[outage_count++].gap_ns = at - last_ns;
      }
      if (p.sequence > highest) highest = p.sequence;
      delay_sum_ns += at - p.sent_ns;
      if (at - p.sent_ns > delay_max_ns) delay_max_ns = at - p.sent_ns;
    }
    last_ns = at;
  }
  printf("{\"received\":%u,\"duplicates\":%u,\"reordered\":%u,\"foreign\":%u,\"highest\":%u,\"maxGapMs\":%.3f,"
         "\"meanDelayMs\":%.3f,\"maxDelayMs\":%.3f,\"outages\":[",
         unique, duplicates, reordered, foreign, highest, (double)gap_ns / 1e6,
         unique == 0 ? 0.0 : (double)delay_sum_ns / unique / 1e6, (double)delay_max_ns / 1e6);
  for (uint32_t i = 0; i < outage_count; i++)
    printf("%s{\"afterSequence\":%u,\"atMs\":%.1f,\"gapMs\":%.1f}", i == 0 ? "" : ",", outages[i].after,
           (double)outages[i].start_ns / 1e6, (double)outages[i].gap_ns / 1e6);
  printf("]}\n");
  return 0;
}

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  if (argc > 1 && strcmp(argv[1], "send") == 0) return send_stream(argc, argv);
  if (argc > 1 && strcmp(argv[1], "recv") == 0) return receive_stream(argc, argv);
  fprintf(stderr, "usage: traffic recv --address ADDR [--port P]\n"
                  "       traffic send --source ADDR --destination ADDR --port P --rate R [--seconds N] [--size N]\n"
                  "                    [--dscp N]\n");
  return 2;
}
